import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import {
  isOwnerDimension,
  needsSplit,
  spendSql,
  type SpendGrouping,
  type SpendQuestion,
} from "#lib/db/spend/spend-sql.ts";
import { poolCarriers } from "#lib/domain/allocation/pooled-cells.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { CostKind, SpendDimension } from "#lib/services/spend/spend-view.ts";

/** One sum. `key` is "" without a dimension, `kind` null and `bucket` "" where the grouping does not ask for them. */
export type SpendCell = { currency: string; key: string; kind: CostKind | null; bucket: string; amount: Amount };

/**
 * The sums of a question by currency and grouping. Where owners are asked for, what is in a pool is split among those who carry it, so
 * several cells may have the same key; whoever reads them adds them up.
 */
export async function readCells(
  sql: SqlExecutor,
  question: SpendQuestion,
  grouping: SpendGrouping,
): Promise<SpendCell[]> {
  const { select, from, where, amount, parameters } = spendSql(question, grouping);
  const groups = select.map((_, index) => index + 1).join(", ");
  const { rows } = await queryPrepared(
    sql,
    `SELECT ${select.join(", ")}, ${amount} AS amount FROM ${from} WHERE ${where} GROUP BY ${groups}`,
    parameters.values,
  );
  return splitPools(sql, question, grouping, rows);
}

/** `readCells` for several groupings that are each a part of `whole`, in one pass over the roll-ups: a list for each. */
export async function readCellSets(
  sql: SqlExecutor,
  question: SpendQuestion,
  whole: SpendGrouping,
  sets: readonly SpendGrouping[],
): Promise<SpendCell[][]> {
  const { select, from, where, sum, parameters } = spendSql(question, whole);
  const groups = select.map((_, index) => index + 1).join(", ");
  const selects = sets.map((set, number) => {
    const kept = ["shown_in", ...columnsOf(question, set)];
    const columns = SET_COLUMNS.map((column) => (kept.includes(column) ? column : `NULL AS ${column}`)).join(", ");
    return `SELECT ${number} AS set_number, shown_in, ${columns}, trim_scale(sum(amount))::text AS amount FROM cell GROUP BY ${kept.join(", ")}`;
  });
  const { rows } = await queryPrepared(
    sql,
    `WITH cell AS MATERIALIZED (SELECT ${select.join(", ")}, ${sum} AS amount FROM ${from} WHERE ${where} GROUP BY ${groups})
     ${selects.join(" UNION ALL ")}`,
    parameters.values,
  );
  const bySet = Map.groupBy(rows, (row) => Number(row.set_number));
  return Promise.all(sets.map((set, number) => splitPools(sql, question, set, bySet.get(number) ?? [])));
}

const POOL_COLUMNS = ["pool_slice", "pool_currency", "pool_id"];
const SET_COLUMNS = ["grp", "kind", ...POOL_COLUMNS, "bucket"];

function columnsOf(question: SpendQuestion, set: SpendGrouping): string[] {
  return [
    ...(set.dimension ? ["grp"] : []),
    ...(set.kind ? ["kind"] : []),
    ...(needsSplit(question, set) ? POOL_COLUMNS : []),
    ...(set.bucket ? ["bucket"] : []),
  ];
}

async function splitPools(
  sql: SqlExecutor,
  question: SpendQuestion,
  grouping: SpendGrouping,
  rows: readonly Record<string, unknown>[],
): Promise<SpendCell[]> {
  const cells = rows.map((row) => ({ row, cell: toCell(row) }));
  if (!needsSplit(question, grouping) || cells.every(({ row }) => row.pool_slice === null))
    return cells.map(({ cell }) => cell);

  const carried = question.scope.flatMap(({ slice }) =>
    Object.values(slice.poolShares).flatMap((pools) =>
      Object.values(pools).flatMap((shares) => shares.map(([id]) => id)),
    ),
  );
  const owners = await readOwners(sql, carried);
  const carriers = carriersOf(question);
  const keyOf = (ownerId: number) =>
    grouping.dimension && isOwnerDimension(grouping.dimension) ? ownerField(owners, ownerId, grouping.dimension) : null;
  const asked = new Map([...owners.keys()].filter((id) => isAsked(owners, id, question)).map((id) => [id, keyOf(id)]));
  return cells.flatMap(({ row, cell }) => {
    if (row.pool_slice === null) return [cell];
    const parts = carriers(Number(row.pool_slice), String(row.pool_currency), Number(row.pool_id))(cell.amount);
    const shown: SpendCell[] = [];
    for (const { ownerId, amount } of parts) {
      const key = asked.get(ownerId);
      if (key !== undefined) shown.push({ ...cell, key: key ?? cell.key, amount });
    }
    return shown;
  });
}

function isAsked(owners: ReadonlyMap<number, Owner>, ownerId: number, question: SpendQuestion): boolean {
  return question.filters.every(
    ({ dimension, values }) => !isOwnerDimension(dimension) || values.includes(ownerField(owners, ownerId, dimension)),
  );
}

function toCell(row: Record<string, unknown>): SpendCell {
  return {
    currency: String(row.shown_in),
    key: String(row.grp ?? ""),
    kind: (row.kind as CostKind | undefined) ?? null,
    bucket: String(row.bucket ?? ""),
    amount: String(row.amount),
  };
}

function carriersOf(question: SpendQuestion) {
  const slices = new Map(question.scope.map(({ slice }) => [slice.sliceId, slice]));
  const known = new Map<string, ReturnType<typeof poolCarriers>>();
  return (sliceId: number, currency: string, poolId: number) => {
    const id = `${sliceId} ${currency} ${poolId}`;
    const carrier = known.get(id) ?? poolCarriers(slices.get(sliceId)?.poolShares[currency]?.[String(poolId)] ?? []);
    known.set(id, carrier);
    return carrier;
  };
}

type Owner = Record<"team" | "businessUnit" | "costCentre", string>;

// An owner never changes, so that what is known of one stays right for as long as the process lives.
const knownOwners = new WeakMap<SqlExecutor, Map<number, Owner>>();

async function readOwners(sql: SqlExecutor, needed: readonly number[]): Promise<Map<number, Owner>> {
  const known = knownOwners.get(sql);
  if (known && needed.every((id) => known.has(id))) return known;
  const { rows } = await sql.query("SELECT id, team_key, business_unit_key, cost_centre FROM owner");
  const owners = new Map(
    rows.map((row): [number, Owner] => [
      Number(row.id),
      { team: String(row.team_key), businessUnit: String(row.business_unit_key), costCentre: String(row.cost_centre) },
    ]),
  );
  knownOwners.set(sql, owners);
  return owners;
}

function ownerField(owners: ReadonlyMap<number, Owner>, ownerId: number, dimension: SpendDimension): string {
  const owner = owners.get(ownerId);
  return owner && dimension in owner ? owner[dimension as keyof Owner] : "";
}
