import type { AgeClass, SprawlQuery } from "#lib/services/sprawl/sprawl-view.ts";

/** What lists of namespaces are narrowed by; [] = any. `only`: the team that the actor may see, of whom nobody may know it; null = all. */
export type SprawlFilters = Pick<SprawlQuery, "teams" | "clusters" | "providers" | "strengths" | "states" | "ages"> & {
  search: string;
  only: { teamKey: string | null } | null;
};

export type Parameters = unknown[];

/** Days since a namespace was made, half-open; null = no bound. */
const AGES: Readonly<Record<Exclude<AgeClass, "unknown">, { from: number; to: number | null }>> = {
  days: { from: 0, to: 30 },
  weeks: { from: 30, to: 90 },
  months: { from: 90, to: 365 },
  years: { from: 365, to: null },
};

/** True where the counts of namespace_count answer: names and ages are not among what they are counted by. */
export function isCounted({ search, ages }: SprawlFilters): boolean {
  return search === "" && ages.length === 0;
}

/** True where nothing but a part of a name is asked for: the names alone say how many match. */
export function isSearch({ search, ...filters }: SprawlFilters): boolean {
  return search !== "" && conditionsOf({ search: "", ...filters }, new Date(0), []).length === 0;
}

/** The conditions on namespace_summary or namespace_count, under the alias `t`; adds its values to `parameters`. */
export function conditionsOf(filters: SprawlFilters, now: Date, parameters: Parameters): string[] {
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  // One value is asked for as such: only then does an index that begins with the column answer in the order of its rest.
  const any = (column: string, [first, ...others]: readonly string[]): string[] => {
    if (first === undefined) return [];
    return [others.length === 0 ? `t.${column} = ${bind(first)}` : `t.${column} = ANY(${bind([first, ...others])})`];
  };
  return [
    ...any("team_key", filters.teams),
    ...onlyCondition(filters.only, bind),
    ...any("cluster_key", filters.clusters),
    ...any("provider", filters.providers),
    ...any("strength", filters.strengths),
    ...any("state", filters.states),
    ...(filters.search === "" ? [] : [searchCondition("lower(t.name)", "t.uid", filters.search, bind)]),
    ...(filters.ages.length === 0 ? [] : [`(${filters.ages.map((age) => ageCondition(age, now, bind)).join(" OR ")})`]),
  ];
}

/** The statement of how many match, where isCounted: the totals of one dimension say it, or else the counts by all of them. */
export function totalSql(filters: SprawlFilters, parameters: Parameters): string {
  const { teams, only, providers, strengths, states, clusters } = filters;
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const sumOf = (relation: string, conditions: readonly string[]) =>
    `SELECT coalesce(sum(t.namespaces), 0)::int AS total FROM ${relation} t${conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`}`;
  const asked = Object.entries({ provider: providers, strength: strengths, state: states, team_key: teams }).filter(
    ([, keys]) => keys.length > 0,
  );
  if (only !== null) asked.push(["team_key", only.teamKey === null ? [] : [only.teamKey]]);
  const [[dimension, keys] = ["", [""]], ...others] = asked;
  // Ages are not counted, so that any instant will do.
  if (others.length > 0) return sumOf("namespace_count", conditionsOf(filters, new Date(0), parameters));
  return sumOf("namespace_total", [
    `t.dimension = ${bind(dimension)} AND t.key = ANY(${bind(keys)})`,
    ...(clusters.length === 0 ? [] : [`t.cluster_key = ANY(${bind(clusters)})`]),
  ]);
}

function onlyCondition(only: SprawlFilters["only"], bind: (value: unknown) => string): string[] {
  if (only === null) return [];
  return [only.teamKey === null ? "false" : `t.team_key = ${bind(only.teamKey)}`];
}

/** Not LIKE: what the planner would learn of a pattern takes it longer than most searches take. */
function searchCondition(name: string, uid: string, search: string, bind: (value: unknown) => string): string {
  const text = bind(search.toLowerCase());
  return `(strpos(${name}, ${text}) > 0 OR starts_with(lower(${uid}), ${text}))`;
}

/** Signs in a row that namespace_search_parts are made of. */
const PART_SIGNS = 3;

/**
 * The statement of the keys of the namespaces that are there and that a search finds. What the index of parts of names says all that match
 * meet, and few others; a search that is shorter than a part goes through all names.
 */
export function foundSql(search: string, parameters: Parameters): string {
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const conditions = [searchCondition("n.name", "n.uid", search, bind), ...partConditions(search, bind)];
  return `SELECT n.cluster_key, n.uid FROM namespace_name n WHERE ${conditions.join(" AND ")}`;
}

function partConditions(search: string, bind: (value: unknown) => string): string[] {
  const signs = Array.from(search.toLowerCase());
  if (signs.length < PART_SIGNS) return [];
  // One beside the other, and the last: what parts between them would leave out as well, the condition on the name does.
  const last = signs.length - PART_SIGNS;
  const parts = signs
    .map((_, index) => index)
    .filter((index) => index === last || (index < last && index % PART_SIGNS === 0))
    .map((index) => signs.slice(index, index + PART_SIGNS).join(""));
  const holds = (wanted: readonly string[]) =>
    `namespace_search_parts(n.name, lower(n.uid)) @> ${bind([...new Set(wanted)])}::text[]`;
  return [`(${holds(parts)} OR ${holds([`^${signs.slice(0, PART_SIGNS).join("")}`])})`];
}

function ageCondition(age: AgeClass, now: Date, bind: (value: unknown) => string): string {
  if (age === "unknown") return "t.created_at IS NULL";
  const { from, to } = AGES[age];
  const daysAgo = (days: number) => bind(new Date(now.getTime() - days * 86_400_000));
  const bounds = [
    ...(from === 0 ? [] : [`t.created_at <= ${daysAgo(from)}`]),
    ...(to === null ? [] : [`t.created_at > ${daysAgo(to)}`]),
  ];
  return `(${bounds.join(" AND ")})`;
}

/** SQL of the class of age of a row; `$now` is the parameter of the instant. */
export function ageClassSql(now: string): string {
  const older = (days: number) => `t.created_at <= ${now}::timestamptz - interval '${days} days'`;
  return `CASE WHEN t.created_at IS NULL THEN 'unknown' WHEN ${older(365)} THEN 'years' WHEN ${older(90)} THEN 'months'
    WHEN ${older(30)} THEN 'weeks' ELSE 'days' END`;
}
