import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import type { Population } from "#lib/db/posture/population-sql.ts";
import { teamNamesSql } from "#lib/db/posture/read-frame.ts";
import { loadRuleIds } from "#lib/db/posture/rule-ids.ts";
import { isRuleMeant, type Framework, type FrameworkControl } from "#lib/domain/posture/framework.ts";
import { dayOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { NO_POSTURE_FILTERS, type PopulationQuery, type PostureFilters } from "#lib/services/posture/posture-view.ts";

/** A reported rule that is asked for, and the framework's controls that it speaks for. */
export type AskedRule = { ruleKey: string; ruleId: number; controls: string[] };

/** The reported rules that a framework and its filters ask for; every rule where no framework is named. */
export async function askedRules(
  sql: SqlExecutor,
  framework: Framework | null,
  filters: Pick<PostureFilters, "rules" | "controls">,
): Promise<AskedRule[]> {
  return chooseRules(await loadRuleIds(sql), framework, filters);
}

/** Those of the reported rules, by key, in their order. */
export function chooseRules(
  known: ReadonlyMap<string, number>,
  framework: Framework | null,
  { rules, controls }: Pick<PostureFilters, "rules" | "controls">,
): AskedRule[] {
  const asked: AskedRule[] = [];
  for (const [ruleKey, ruleId] of known) {
    if (rules.length > 0 && !rules.includes(ruleKey)) continue;
    const meant = framework === null ? [] : controlsOf(framework, ruleKey);
    const own = controls.length === 0 ? meant : meant.filter((id) => controls.includes(id));
    if (framework === null || own.length > 0) asked.push({ ruleKey, ruleId, controls: own });
  }
  return asked;
}

// Each question goes through hundreds of rules, of which a framework means the same ones every time.
const meantBy = new WeakMap<Framework, Map<string, string[]>>();

/** The controls that a rule speaks for. */
function controlsOf(framework: Framework, ruleKey: string): string[] {
  let known = meantBy.get(framework);
  if (!known) meantBy.set(framework, (known = new Map<string, string[]>()));
  let controls = known.get(ruleKey);
  if (!controls) {
    const isMeant = (control: FrameworkControl) => control.rules.some((named) => isRuleMeant(named, ruleKey));
    known.set(ruleKey, (controls = framework.controls.filter(isMeant).map(({ id }) => id)));
  }
  return controls;
}

/** The teams that an actor may ask for among those that are asked for; null = all, an empty list = none. */
export function askedTeams(
  { actor }: ServiceContext,
  { teams, units }: Pick<PostureFilters, "teams" | "units">,
  unitOfTeam: ReadonlyMap<string, string>,
): string[] | null {
  const ofUnits =
    units.length === 0 ? null : [...unitOfTeam].filter(([, unit]) => units.includes(unit)).map(([team]) => team);
  const named = teams.length === 0 ? null : [...teams];
  const asked = named && ofUnits ? named.filter((team) => ofUnits.includes(team)) : (named ?? ofUnits);
  if (actor.role !== "member") return asked;
  // A member sees the own team, whatever the URL asks for; whose team nobody knows sees nothing.
  const own = actor.teamKey ? [actor.teamKey] : [];
  return asked === null ? own : own.filter((team) => asked.includes(team));
}

/** Teams and business units as the directory has them for a day: label by team, unit by team, label by unit. */
export type TeamNames = {
  labels: ReadonlyMap<string, string>;
  units: ReadonlyMap<string, string>;
  unitLabels: ReadonlyMap<string, string>;
};

export async function loadTeamNames(sql: SqlExecutor, at: Date): Promise<TeamNames> {
  const { rows } = await queryPrepared(sql, teamNamesSql("$1::date"), [dayOf(at)]);
  return toTeamNames(rows);
}

// What many questions are told by is the same list of rows.
const namesOf = new WeakMap<readonly Record<string, unknown>[], TeamNames>();

/** Rows of `teamNamesSql`. */
export function toTeamNames(rows: readonly Record<string, unknown>[]): TeamNames {
  let names = namesOf.get(rows);
  if (!names) namesOf.set(rows, (names = nameTeams(rows)));
  return names;
}

function nameTeams(rows: readonly Record<string, unknown>[]): TeamNames {
  const pairs = (key: string, label: string): [string, string][] =>
    rows.map((row) => [String(row[key]), String(row[label])]);
  return {
    labels: new Map(pairs("team_key", "team_name")),
    units: new Map(pairs("team_key", "business_unit_key")),
    unitLabels: new Map(pairs("business_unit_key", "business_unit_name")),
  };
}

/**
 * The stretches that a query is about, narrowed to what the actor may see, and the instant whose knowledge counts.
 *
 * @throws AppError "not_found" for a framework that is not there, "invalid_input" where the period is empty or has not begun.
 */
export async function openPopulation(context: ServiceContext, query: PopulationQuery): Promise<Population> {
  const { period, frameworkId, filters } = query;
  if (period && period.from.getTime() >= period.to.getTime())
    throw new AppError("invalid_input", "The period is empty.", { remedy: "Let its end be after its start." });
  const { pool } = context.database;
  const asked = query.asOf ?? context.now;
  const known = period === null ? asked : earliest(period.to, asked, context.now);
  if (period && period.from >= known)
    throw new AppError("invalid_input", "The period has not begun.", { remedy: "Ask for an earlier one." });
  const framework = frameworkId === null ? null : findFramework(frameworkId);
  const [rules, names] = [await askedRules(pool, framework, filters), await loadTeamNames(pool, known)];
  const orNull = (list: readonly string[]) => (list.length > 0 ? list : null);
  return {
    known,
    from: period?.from ?? null,
    ruleIds: rules.map(({ ruleId }) => ruleId),
    controls: rules.map(({ controls }) => controls.join("; ")),
    teams: askedTeams(context, filters, names.units),
    accounts: orNull(filters.accounts),
    clusters: orNull(filters.clusters),
    environments: orNull(filters.environments),
    verdicts: orNull(query.verdicts),
    resourceId: null,
  };
}

function earliest(...instants: Date[]): Date {
  return new Date(Math.min(...instants.map((instant) => instant.getTime())));
}

/** What is asked of a single rule or resource: everything that the actor may see of it. */
export const EVERY_RULE = { frameworkId: null, period: null, filters: NO_POSTURE_FILTERS, verdicts: [] } as const;
