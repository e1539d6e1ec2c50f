import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Grain } from "#lib/db/posture/numbers-question.ts";
import { readCells, type PostureCell } from "#lib/db/posture/posture-cells.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

/** The numbers of one rule in one grain at the beginning of a month, and how they changed from then on, in the order of time. */
export type NumberBlock = {
  ruleId: number;
  /** The beginning of the month, in microseconds since 1970; null = before the first of which the numbers are kept. */
  from: number | null;
  /** What is later is another block's; null = nothing is. */
  to: number | null;
  /** As long as each other. What stood at the beginning has -Infinity as its instant, in microseconds. */
  at: Float64Array;
  /** The place of the row's cell in `cells`. */
  cell: Int32Array;
  pass: Int32Array;
  fail: Int32Array;
  unknown: Int32Array;
  notApplicable: Int32Array;
  /** The cells of the rows, each once. */
  cells: PostureCell[];
};

/** Cells that a process remembers beside those of its blocks: some hundred bytes each. */
const MOST_KEPT_CELLS = 300_000;

const COLUMNS = ["cell_id", "at", "pass", "fail", "unknown", "not_applicable"] as const;

/** One statement, so that the numbers of the month and the changes after it are of one instant of the database. */
export async function loadBlocks(
  sql: SqlExecutor,
  known: Map<number, PostureCell>,
  {
    grain,
    ruleIds,
    start,
    end,
  }: { grain: Grain; ruleIds: readonly number[]; start: number | null; end: number | null },
): Promise<NumberBlock[]> {
  const instant = (parameter: string) => `to_timestamp(0) + ${parameter}::bigint * interval '1 microsecond'`;
  // Thousands of rows come as one row of lists: a row for each would cost this process more than the database.
  const { rows } = await queryPrepared(
    sql,
    `SELECT rule_id, ${COLUMNS.map((column) => `array_agg(${column})::text AS ${column}`).join(", ")} FROM (
       SELECT rule_id, cell_id, NULL::bigint AS at, pass, fail, unknown, not_applicable FROM posture_month
       WHERE starts_at = ${instant("$3")} AND grain = $1 AND rule_id = ANY($2::int[])
       UNION ALL
       (SELECT rule_id, cell_id, ${micros("at")}, pass, fail, unknown, not_applicable FROM posture_change
        WHERE grain = $1 AND rule_id = ANY($2::int[]) AND at >= coalesce(${instant("$3")}, '-infinity') AND at < coalesce(${instant("$4")}, 'infinity'))
     ) x GROUP BY rule_id`,
    [grain, ruleIds, start, end],
  );
  const lists = new Map(rows.map((row) => [Number(row["rule_id"]), COLUMNS.map((column) => listOf(row[column]))]));
  const missing = [...lists.values()].flatMap(([ids = []]) => ids.filter((id) => !known.has(Number(id))));
  if (known.size > MOST_KEPT_CELLS) known.clear();
  if (missing.length > 0)
    for (const [id, cell] of await readCells(sql, [...new Set(missing.map(Number))])) known.set(id, cell);
  return ruleIds.map((ruleId) => blockOf(ruleId, { start, end }, lists.get(ruleId) ?? [], known));
}

function blockOf(
  ruleId: number,
  { start, end }: { start: number | null; end: number | null },
  [ids = [], at = [], ...numbers]: readonly (number | null)[][],
  known: ReadonlyMap<number, PostureCell>,
): NumberBlock {
  const order = inTime(at);
  const places = new Map<number, number>();
  for (const id of ids) if (id !== null && !places.has(id)) places.set(id, places.size);
  const [instants, cell] = [new Float64Array(order.length), new Int32Array(order.length)];
  for (const [place, index] of order.entries()) {
    instants[place] = at[index] ?? -Infinity;
    cell[place] = places.get(ids[index] ?? 0) ?? 0;
  }
  const sorted = (column: number) => {
    const own = new Int32Array(order.length);
    for (const [place, index] of order.entries()) own[place] = numbers[column]?.[index] ?? 0;
    return own;
  };
  return {
    ruleId,
    from: start,
    to: end,
    at: instants,
    cell,
    pass: sorted(0),
    fail: sorted(1),
    unknown: sorted(2),
    notApplicable: sorted(3),
    cells: Array.from(places.keys(), (id) => known.get(id) ?? NO_CELL),
  };
}

/** Places in the order of time. They come in that order from the index, which the database does not promise. */
function inTime(at: readonly (number | null)[]): number[] {
  const order = at.map((_, index) => index);
  const isSorted = at.every((instant, index) => index === 0 || (at[index - 1] ?? -Infinity) <= (instant ?? -Infinity));
  return isSorted ? order : order.toSorted((one, other) => (at[one] ?? -1) - (at[other] ?? -1));
}

const NO_CELL: PostureCell = { teamKey: "", accountId: "", clusterKey: "", environment: "", partKey: " " };

/** An array of integers as PostgreSQL writes it; NULL within it stays null. */
function listOf(text: unknown): (number | null)[] {
  if (typeof text !== "string") return [];
  return JSON.parse(`[${text.slice(1, -1).replaceAll("NULL", "null")}]`) as (number | null)[];
}

/** An instant in microseconds since 1970. */
export function micros(instant: string): string {
  return `(extract(epoch FROM ${instant}) * 1000000)::bigint`;
}
