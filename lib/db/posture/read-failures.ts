import type { SqlExecutor } from "#lib/db/activity.ts";
import { rowOrder, rowsSql, type Population } from "#lib/db/posture/population-sql.ts";

/** Open failures of one team and severity. */
export type FailureGroup = {
  teamKey: string;
  severity: string | null;
  open: number;
  waived: number;
  overdue: number;
  dueSoon: number;
  nextDue: Date | null;
  under7: number;
  under30: number;
  under90: number;
  over90: number;
  oldestFrom: Date | null;
};

/** Days that failures of a severity may take; one that is not named has no due date. */
export type DueDays = Readonly<Record<string, number>>;

/** When a failure is due, in SQL. `$11` severities, `$12` their days. */
const DUE = "f.held_from + make_interval(days => ($12::int[])[array_position($11::text[], f.severity)])";

function withDue(population: Population): { text: string; values: unknown[] } {
  const { text, values } = rowsSql({ ...population, verdicts: ["fail"] });
  // What lies in a gap is not known to be open.
  return {
    text: `SELECT f.*, CASE WHEN f.waiver_id IS NULL THEN ${DUE} END AS due FROM (${text}) f WHERE NOT f.is_gap`,
    values,
  };
}

/** Failures at an instant by team and severity, and by their age in days since they failed without a break. */
export async function readFailureGroups(
  sql: SqlExecutor,
  population: Population,
  dueDays: DueDays,
): Promise<FailureGroup[]> {
  const { text, values } = withDue(population);
  const open = "waiver_id IS NULL";
  const age = "$1::timestamptz - held_from";
  const { rows } = await sql.query(
    `SELECT team_key, severity, count(*) FILTER (WHERE ${open})::int AS open, count(*) FILTER (WHERE NOT ${open})::int AS waived,
       count(*) FILTER (WHERE due <= $1)::int AS overdue, count(*) FILTER (WHERE due > $1 AND due <= $1::timestamptz + interval '7 days')::int AS due_soon,
       min(due) FILTER (WHERE due > $1) AS next_due, min(held_from) FILTER (WHERE ${open}) AS oldest_from,
       count(*) FILTER (WHERE ${open} AND ${age} < interval '7 days')::int AS under7,
       count(*) FILTER (WHERE ${open} AND ${age} >= interval '7 days' AND ${age} < interval '30 days')::int AS under30,
       count(*) FILTER (WHERE ${open} AND ${age} >= interval '30 days' AND ${age} < interval '90 days')::int AS under90,
       count(*) FILTER (WHERE ${open} AND ${age} >= interval '90 days')::int AS over90
     FROM (${text}) failures GROUP BY 1, 2
     ORDER BY 1, coalesce(array_position($11::text[], severity), 99)`,
    [...values, Object.keys(dueDays), Object.values(dueDays)],
  );
  return rows.map((row) => ({
    teamKey: String(row["team_key"]),
    severity: row["severity"] as string | null,
    open: Number(row["open"]),
    waived: Number(row["waived"]),
    overdue: Number(row["overdue"]),
    dueSoon: Number(row["due_soon"]),
    nextDue: row["next_due"] as Date | null,
    under7: Number(row["under7"]),
    under30: Number(row["under30"]),
    under90: Number(row["under90"]),
    over90: Number(row["over90"]),
    oldestFrom: row["oldest_from"] as Date | null,
  }));
}

/** The failures that matter most: overdue ones by severity, then by due date; what has no due date comes last. */
export async function readMostDue(
  sql: SqlExecutor,
  population: Population,
  { dueDays, limit }: { dueDays: DueDays; limit: number },
): Promise<Record<string, unknown>[]> {
  const { text, values } = withDue(population);
  const { rows } = await sql.query(
    `SELECT * FROM (${text}) failures WHERE waiver_id IS NULL
     ORDER BY coalesce(due <= $1, false) DESC, CASE WHEN due <= $1 THEN array_position($11::text[], severity) END, due NULLS LAST,
       ${rowOrder("failures")} LIMIT $13`,
    [...values, Object.keys(dueDays), Object.values(dueDays), limit],
  );
  return rows;
}
