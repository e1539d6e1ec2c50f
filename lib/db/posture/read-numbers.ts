import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

/** What numbers are counted by. */
export type NumbersBy = "team" | "account" | "cluster";

export type NumbersQuestion = {
  ruleIds: readonly number[];
  /** Null = one number for each rule. */
  by: NumbersBy | null;
  teams: readonly string[] | null;
  accounts: readonly string[] | null;
  clusters: readonly string[] | null;
  environments: readonly string[] | null;
  /** Only these parts; null = all. */
  parts: readonly { sourceKey: string; part: string }[] | null;
};

/** Evaluations of one rule under one key by verdict; waived ones are among those that fail. */
export type Numbers = {
  ruleId: number;
  key: string;
  pass: number;
  fail: number;
  unknown: number;
  notApplicable: number;
};

/** What changed on one UTC day. */
export type DayNumbers = Omit<Numbers, "ruleId" | "key"> & { day: string };

const COLUMN: Readonly<Record<NumbersBy, string>> = { team: "team_key", account: "account_id", cluster: "cluster_key" };

/** The coarsest grain that answers the question. */
function grainOf({ by, teams, accounts, clusters, parts }: NumbersQuestion): string {
  if (parts !== null) return "full";
  const used = new Set<string>(by === null ? [] : [by]);
  if (teams !== null) used.add("team");
  if (accounts !== null) used.add("account");
  if (clusters !== null) used.add("cluster");
  return used.size > 1 ? "full" : ([...used][0] ?? "total");
}

function isNarrowed({ teams, accounts, clusters, environments, parts }: NumbersQuestion): boolean {
  return [teams, accounts, clusters, environments, parts].some((list) => list !== null);
}

/** Which cells count. `$1` grain, `$2` rules, `$3` teams … `$8` parts. */
const CELLS = `c.grain = $1 AND c.rule_id = ANY($2::int[])
  AND ($3::text[] IS NULL OR c.team_key = ANY($3::text[])) AND ($4::text[] IS NULL OR c.account_id = ANY($4::text[]))
  AND ($5::text[] IS NULL OR c.cluster_key = ANY($5::text[])) AND ($6::text[] IS NULL OR c.environment = ANY($6::text[]))
  AND ($7::text[] IS NULL OR (c.source_key, c.part) IN (SELECT * FROM unnest($7::text[], $8::text[])))`;

const SUMS =
  "sum(pass)::int AS pass, sum(fail)::int AS fail, sum(unknown)::int AS unknown, sum(not_applicable)::int AS not_applicable";

/** The last month whose numbers are known at or before the instant of a parameter, and what changed from its beginning to the instant. */
function numbersAt(instant: string): string {
  const month = `(SELECT max(starts_at) FROM posture_month WHERE starts_at <= ${instant})`;
  const columns = "cell_id, rule_id, pass, fail, unknown, not_applicable";
  return `SELECT ${columns} FROM posture_month WHERE starts_at = ${month} AND grain = $1 AND rule_id = ANY($2::int[])
    UNION ALL
    SELECT ${columns} FROM posture_change
    WHERE grain = $1 AND rule_id = ANY($2::int[]) AND at >= coalesce(${month}, '-infinity') AND at <= ${instant}`;
}

function valuesOf(question: NumbersQuestion): unknown[] {
  const { ruleIds, teams, accounts, clusters, environments, parts } = question;
  return [
    grainOf(question),
    ruleIds,
    teams,
    accounts,
    clusters,
    environments,
    parts?.map(({ sourceKey }) => sourceKey) ?? null,
    parts?.map(({ part }) => part) ?? null,
  ];
}

/** The numbers at an instant, without what is zero throughout. However long the history, no more than a month of changes is read. */
export async function readNumbers(sql: SqlExecutor, question: NumbersQuestion, at: Date): Promise<Numbers[]> {
  const key = question.by === null ? "''" : `c.${COLUMN[question.by]}`;
  const { rows } = await queryPrepared(
    sql,
    `SELECT c.rule_id, ${key} AS key, ${SUMS} FROM (SELECT cell_id, ${SUMS} FROM (${numbersAt("$9::timestamptz")}) x GROUP BY cell_id) x
     JOIN posture_cell c ON c.id = x.cell_id WHERE ${CELLS}
     GROUP BY 1, 2 HAVING sum(pass) <> 0 OR sum(fail) <> 0 OR sum(unknown) <> 0 OR sum(not_applicable) <> 0`,
    [...valuesOf(question), at],
  );
  return rows.map((row) => ({ ruleId: Number(row["rule_id"]), key: String(row["key"]), ...toNumbers(row) }));
}

/** By how much failures became more since an instant, by rule and key, up to another. */
export async function readWorse(
  sql: SqlExecutor,
  question: NumbersQuestion,
  { from, to }: { from: Date; to: Date },
): Promise<{ ruleId: number; key: string; more: number }[]> {
  const key = question.by === null ? "''" : `c.${COLUMN[question.by]}`;
  const { rows } = await queryPrepared(
    sql,
    `SELECT c.rule_id, ${key} AS key, sum(fail)::int AS more FROM posture_change x JOIN posture_cell c ON c.id = x.cell_id
     WHERE x.grain = $1 AND x.rule_id = ANY($2::int[]) AND x.at > $9 AND x.at <= $10 AND x.fail <> 0 AND ${CELLS}
     GROUP BY 1, 2 HAVING sum(fail) > 0`,
    [...valuesOf(question), from, to],
  );
  return rows.map((row) => ({ ruleId: Number(row["rule_id"]), key: String(row["key"]), more: Number(row["more"]) }));
}

/** The numbers at an instant in one sum, and what changed on each UTC day after it. */
export type Course = { start: Omit<DayNumbers, "day">; days: DayNumbers[] };

/** The course of everything that is asked for, after `from` and up to `to`. */
export async function readCourse(
  sql: SqlExecutor,
  question: NumbersQuestion,
  span: { from: Date; to: Date },
): Promise<Course> {
  const courses = await readCourses(sql, question, span, "''");
  return courses.get("") ?? { start: toNumbers({}), days: [] };
}

/** The course of each part that is asked for, by "source part". */
export function readPartCourses(
  sql: SqlExecutor,
  question: NumbersQuestion,
  span: { from: Date; to: Date },
): Promise<Map<string, Course>> {
  return readCourses(sql, question, span, "c.source_key || ' ' || c.part");
}

async function readCourses(
  sql: SqlExecutor,
  question: NumbersQuestion,
  { from, to }: { from: Date; to: Date },
  key: string,
): Promise<Map<string, Course>> {
  const values = valuesOf(question);
  // A grain's cells need not be looked up where all of them count.
  const cells = isNarrowed(question)
    ? `JOIN posture_cell c ON c.id = x.cell_id AND ${CELLS}`
    : `JOIN (SELECT WHERE coalesce($3::text[], $4, $5, $6, $7, $8) IS NULL) everything ON true`;
  const start = await queryPrepared(
    sql,
    `SELECT ${key} AS key, ${SUMS} FROM (${numbersAt("$9::timestamptz")}) x ${cells} GROUP BY 1`,
    [...values, from],
  );
  const days = await queryPrepared(
    sql,
    `SELECT ${key} AS key, to_char(x.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, ${SUMS} FROM posture_change x ${cells}
     WHERE x.grain = $1 AND x.rule_id = ANY($2::int[]) AND x.at > $9 AND x.at <= $10 GROUP BY 1, 2 ORDER BY 1, 2`,
    [...values, from, to],
  );
  const courses = new Map<string, Course>();
  const courseOf = (row: Record<string, unknown>) => {
    const name = String(row["key"]);
    const course = courses.get(name) ?? { start: toNumbers({}), days: [] };
    courses.set(name, course);
    return course;
  };
  for (const row of start.rows) courseOf(row).start = toNumbers(row);
  for (const row of days.rows) courseOf(row).days.push({ day: String(row["day"]), ...toNumbers(row) });
  return courses;
}

function toNumbers(row: Record<string, unknown>): Omit<DayNumbers, "day"> {
  return {
    pass: Number(row["pass"] ?? 0),
    fail: Number(row["fail"] ?? 0),
    unknown: Number(row["unknown"] ?? 0),
    notApplicable: Number(row["not_applicable"] ?? 0),
  };
}
