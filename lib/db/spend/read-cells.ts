import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import {
  isOwnerDimension,
  needsSplit,
  spendSql,
  SqlParameters,
  type SpendGrouping,
  type SpendQuestion,
} from "#lib/db/spend/spend-sql.ts";
import { poolCarriers } from "#lib/domain/allocation/pooled-cells.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { CostKind, SpendDimension } from "#lib/services/spend/spend-view.ts";

/** One sum. `key` is "" without a dimension, `kind` null and `bucket` "" where the grouping does not ask for them. */
export type SpendCell = { currency: string; key: string; kind: CostKind | null; bucket: string; amount: Amount };

/** One pass over the roll-ups: what is asked, read once by all of `whole`, and the groupings, each a part of it, that are answered from it. */
export type CellPass = { question: SpendQuestion; whole: SpendGrouping; sets: readonly SpendGrouping[] };

/**
 * The sums of some passes by currency and grouping, in one statement and so all at one instant: a list for each pass and set. Where owners
 * are asked for, what is in a pool is split among those who carry it, so several cells may have the same key; whoever reads them adds them up.
 *
 * @returns null where a slice that was the newest when the questions were opened has been published anew since.
 */
export async function readCells(sql: SqlExecutor, passes: readonly CellPass[]): Promise<SpendCell[][][] | null> {
  const parameters = new SqlParameters();
  const sets = passes.flatMap(({ question, sets: asked }, pass) => asked.map((set) => ({ question, set, pass })));
  const relations = passes.map(({ question, whole }, pass) => {
    const { select, from, where, amount, isFine } = spendSql(question, whole, parameters);
    const groups = isFine ? `GROUP BY ${select.map((_, index) => index + 1).join(", ")}` : "";
    return `cell_${pass} AS MATERIALIZED (SELECT ${select.join(", ")}, ${isFine ? `sum(${amount})` : amount} AS amount FROM ${from} WHERE ${where} ${groups})`;
  });
  const selects = sets.map(({ question, set, pass }, number) => {
    const kept = ["shown_in", ...columnsOf(question, set)].join(", ");
    const columns = SET_COLUMNS.map((column) => (kept.includes(column) ? column : `NULL AS ${column}`)).join(", ");
    const answer = `SELECT ${number} AS set_number, shown_in, ${columns}`;
    if (!set.bucket) return `${answer}, trim_scale(sum(amount))::text AS amounts FROM cell_${pass} GROUP BY ${kept}`;
    return `${answer}, string_agg(bucket || ' ' || trim_scale(amount), ' ') AS amounts
      FROM (SELECT ${kept}, bucket, sum(amount) AS amount FROM cell_${pass} GROUP BY ${kept}, bucket) AS by_bucket GROUP BY ${kept}`;
  });
  const republished = `SELECT ${REPUBLISHED}, ${["shown_in", ...SET_COLUMNS, "amounts"].map(() => "NULL").join(", ")} WHERE ${republishedSql(passes, parameters)}`;
  const { rows } = await queryPrepared(
    sql,
    `WITH ${relations.join(", ")} ${[...selects, republished].join(" UNION ALL ")}`,
    parameters.values,
  );
  if (rows.some((row) => row.set_number === REPUBLISHED)) return null;
  const bySet = Map.groupBy(rows, (row) => Number(row.set_number));
  const cells = await Promise.all(
    sets.map(({ question, set }, number) => splitPools(sql, question, set, bySet.get(number) ?? [])),
  );
  return passes.map((_, pass) => cells.filter((_set, number) => sets[number]?.pass === pass));
}

/** Number of the set that has a row where what was read is no longer what is published. */
const REPUBLISHED = -1;

/** Versions that were the newest, against those that are in the very snapshot that is read. Older versions never change. */
function republishedSql(passes: readonly CellPass[], parameters: SqlParameters): string {
  const slices = passes.flatMap(({ question }) => question.scope.map(({ slice }) => slice));
  const newest = new Map(slices.filter(({ isCurrent }) => isCurrent).map((slice) => [slice.sliceId, slice]));
  const ids = parameters.add([...newest.keys()]);
  const publications = parameters.add([...newest.values()].map(({ publicationId }) => publicationId));
  return `EXISTS (SELECT FROM slice s JOIN unnest(${ids}::int[], ${publications}::int[]) AS was (slice_id, publication_id) ON was.slice_id = s.id
    WHERE s.publication_id <> was.publication_id)`;
}

const POOL_COLUMNS = ["pool_slice", "pool_currency", "pool_id"];
const SET_COLUMNS = ["grp", "kind", ...POOL_COLUMNS];

function columnsOf(question: SpendQuestion, set: SpendGrouping): string[] {
  return [
    ...(set.dimension ? ["grp"] : []),
    ...(set.kind ? ["kind"] : []),
    ...(needsSplit(question, set) ? POOL_COLUMNS : []),
  ];
}

async function splitPools(
  sql: SqlExecutor,
  question: SpendQuestion,
  grouping: SpendGrouping,
  rows: readonly Record<string, unknown>[],
): Promise<SpendCell[]> {
  if (!needsSplit(question, grouping) || rows.every((row) => row.pool_slice === null))
    return rows.flatMap((row) => toCells(row, grouping));

  const carried = question.scope.flatMap(({ slice }) =>
    Object.values(slice.poolShares).flatMap((pools) =>
      Object.values(pools).flatMap((shares) => shares.map(([id]) => id)),
    ),
  );
  const owners = await readOwners(sql, carried);
  const { dimension } = grouping;
  const isByOwner = dimension !== undefined && isOwnerDimension(dimension);
  const carriers = carriersOf(question, (ownerId) => isAsked(owners, ownerId, question));
  return rows.flatMap((row) => {
    const cells = toCells(row, grouping);
    if (row.pool_slice === null) return cells;
    const { split, sumOf, hasAsked } = carriers(Number(row.pool_slice), String(row.pool_currency), Number(row.pool_id));
    if (!isByOwner) return hasAsked ? cells.map((cell) => ({ ...cell, amount: sumOf(cell.amount) })) : [];
    return cells.flatMap((cell) =>
      split(cell.amount).map(({ ownerId, amount }) => ({
        ...cell,
        key: ownerField(owners, ownerId, dimension),
        amount,
      })),
    );
  });
}

function isAsked(owners: ReadonlyMap<number, Owner>, ownerId: number, question: SpendQuestion): boolean {
  return question.filters.every(
    ({ dimension, values }) => !isOwnerDimension(dimension) || values.includes(ownerField(owners, ownerId, dimension)),
  );
}

/** The cells of a row: one, or where buckets were asked for one for each: "2026-03-01 12.5 2026-03-02 -1" in one text is half the work of a row each. */
function toCells(row: Record<string, unknown>, { bucket }: SpendGrouping): SpendCell[] {
  const currency = String(row.shown_in);
  const key = String(row.grp ?? "");
  const kind = (row.kind as CostKind | undefined) ?? null;
  const amounts = String(row.amounts);
  if (!bucket) return [{ currency, key, kind, bucket: "", amount: amounts }];
  const words = amounts.split(" ");
  return Array.from({ length: words.length / 2 }, (_, index) => ({
    currency,
    key,
    kind,
    bucket: words[2 * index] ?? "",
    amount: words[2 * index + 1] ?? "0",
  }));
}

function carriersOf(question: SpendQuestion, isCounted: (ownerId: number) => boolean) {
  const slices = new Map(question.scope.map(({ slice }) => [slice.sliceId, slice]));
  const known = new Map<string, ReturnType<typeof poolCarriers>>();
  return (sliceId: number, currency: string, poolId: number) => {
    const id = `${sliceId} ${currency} ${poolId}`;
    const carriedBy = slices.get(sliceId)?.poolShares[currency]?.[String(poolId)] ?? [];
    const carrier = known.get(id) ?? poolCarriers(carriedBy, isCounted);
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
