import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Grain } from "#lib/db/posture/numbers-question.ts";
import { readCells, type PostureCell } from "#lib/db/posture/posture-cells.ts";
import { instantsOf, integersOf } from "#lib/db/posture/sent-lists.ts";
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

const COLUMNS = ["at", "cell_id", "pass", "fail", "unknown", "not_applicable"] as const;

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
  // Thousands of rows come as one row of lists, and lists as their bytes: anything else costs this process more than the database.
  const { rows } = await queryPrepared(
    sql,
    `SELECT rule_id, ${COLUMNS.map((column) => `array_send(array_agg(${column})) AS ${column}`).join(", ")} FROM (
       SELECT rule_id, cell_id, '-infinity'::timestamptz AS at, pass, fail, unknown, not_applicable FROM posture_month
       WHERE starts_at = ${instant("$3")} AND grain = $1 AND rule_id = ANY($2::int[])
       UNION ALL
       (SELECT rule_id, cell_id, at, pass, fail, unknown, not_applicable FROM posture_change
        WHERE grain = $1 AND rule_id = ANY($2::int[]) AND at >= coalesce(${instant("$3")}, '-infinity') AND at < coalesce(${instant("$4")}, 'infinity'))
     ) x GROUP BY rule_id`,
    [grain, ruleIds, start, end],
  );
  const lists = new Map(rows.map((row) => [Number(row["rule_id"]), toLists(row)]));
  if (known.size > MOST_KEPT_CELLS) known.clear();
  const missing = new Set<number>();
  for (const { ids } of lists.values()) for (const id of ids) if (!known.has(id)) missing.add(id);
  if (missing.size > 0) for (const [id, cell] of await readCells(sql, [...missing])) known.set(id, cell);
  return ruleIds.map((ruleId) => {
    const { ids, ...numbers } = lists.get(ruleId) ?? NO_LISTS;
    return { ruleId, from: start, to: end, ...numbers, cells: ids.map((id) => known.get(id) ?? NO_CELL) };
  });
}

type Lists = Pick<NumberBlock, "at" | "cell" | "pass" | "fail" | "unknown" | "notApplicable"> & {
  /** The numbers of the cells, each once, by the cell's place. */
  ids: number[];
};

const NONE = new Int32Array();
const NO_LISTS: Lists = {
  at: new Float64Array(),
  ids: [],
  cell: NONE,
  pass: NONE,
  fail: NONE,
  unknown: NONE,
  notApplicable: NONE,
};

/** In the order of time. They come in that order from the index, which the database does not promise. */
function toLists(row: Record<string, unknown>): Lists {
  const [at, ids, pass, fail, unknown, notApplicable] = COLUMNS.map((column) => row[column] as Buffer);
  if (!at || !ids || !pass || !fail || !unknown || !notApplicable) return NO_LISTS;
  const instants = instantsOf(at);
  const isSorted = instants.every((instant, index) => index === 0 || (instants[index - 1] ?? 0) <= instant);
  const order = isSorted
    ? null
    : [...instants.keys()].toSorted((one, other) => (instants[one] ?? 0) - (instants[other] ?? 0));
  const integers = (sent: Buffer) => {
    const list = integersOf(sent);
    return order === null ? list : Int32Array.from(order, (index) => list[index] ?? 0);
  };
  const places = new Map<number, number>();
  const cell = integers(ids);
  for (let row = 0; row < cell.length; row += 1) {
    const id = cell[row] ?? 0;
    const place = places.get(id) ?? places.size;
    if (place === places.size) places.set(id, place);
    cell[row] = place;
  }
  return {
    at: order === null ? instants : instants.toSorted(),
    ids: [...places.keys()],
    cell,
    pass: integers(pass),
    fail: integers(fail),
    unknown: integers(unknown),
    notApplicable: integers(notApplicable),
  };
}

const NO_CELL: PostureCell = { teamKey: "", accountId: "", clusterKey: "", environment: "", partKey: " " };

/** An instant in microseconds since 1970. */
export function micros(instant: string): string {
  return `(extract(epoch FROM ${instant}) * 1000000)::bigint`;
}
