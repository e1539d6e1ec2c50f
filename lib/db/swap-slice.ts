import type { PoolClient } from "pg";
import { copyCsv } from "#lib/db/bulk-copy.ts";
import { RELATION_COLUMNS, type Relation } from "#lib/db/cost-relations.ts";

/** Rows of an array in cost_day_history: large enough to compress well, small enough to unpack quickly. */
const HISTORY_CHUNK_ROWS = 2000;

const MEASURES = "billed, effective, list, contracted, line_items";

/** The identity of a row within its slice. */
const RELATION_KEYS: Record<Relation, string> = {
  cost_day: "key_id, day, owner_id, pool_id",
  cost_month: "owner_id, key_id, pool_id",
  cost_day_account: "day, key_id, owner_id, pool_id",
  cost_day_service: "day, key_id",
};

export type SwapCounts = { added: number; removed: number; changed: number };

/**
 * Replaces the slice's rows in all four relations by those of the files, in the caller's transaction. What is the same stays untouched;
 * what leaves cost_day goes to cost_day_history under this publication.
 */
export async function swapSlice(
  sql: PoolClient,
  slice: { sliceId: number; publicationId: number; isFirst: boolean },
  files: Record<Relation, string>,
): Promise<SwapCounts> {
  let counts: SwapCounts = { added: 0, removed: 0, changed: 0 };
  for (const relation of Object.keys(RELATION_COLUMNS) as Relation[]) {
    const swapped = slice.isFirst
      ? { added: await copyCsv(sql, relation, RELATION_COLUMNS[relation], files[relation]), removed: 0, changed: 0 }
      : await swapRelation(sql, relation, slice, files[relation]);
    if (relation === "cost_day") counts = swapped;
  }
  return counts;
}

async function swapRelation(
  sql: PoolClient,
  relation: Relation,
  slice: { sliceId: number; publicationId: number },
  file: string,
): Promise<SwapCounts> {
  const keys = RELATION_KEYS[relation];
  const same = (left: string, right: string) =>
    keys
      .split(", ")
      .map((column) => `${left}.${column} = ${right}.${column}`)
      .join(" AND ");
  const measures = (alias: string) =>
    MEASURES.split(", ")
      .map((column) => `${alias}.${column}`)
      .join(", ");

  await sql.query(`CREATE TEMP TABLE incoming (LIKE ${relation}) ON COMMIT DROP`);
  await copyCsv(sql, "incoming", RELATION_COLUMNS[relation], file);
  await sql.query(`ANALYZE incoming`);
  await sql.query(
    `CREATE TEMP TABLE leaving ON COMMIT DROP AS
     SELECT c.*, i.slice_id IS NOT NULL AS is_changed FROM ${relation} c LEFT JOIN incoming i ON ${same("c", "i")}
     WHERE c.slice_id = ${slice.sliceId}
       AND (i.slice_id IS NULL OR (${measures("c")}) IS DISTINCT FROM (${measures("i")}))`,
  );
  await sql.query(`ANALYZE leaving`);
  if (relation === "cost_day") await keepHistory(sql, slice.publicationId);
  // A changed row is updated where it lies: its key stays, so that no index grows and the spare room of its page is used again and again.
  const columns = MEASURES.split(", ").concat(relation === "cost_day" ? "from_publication" : []);
  await sql.query(
    `UPDATE ${relation} c SET ${columns.map((column) => `${column} = i.${column}`).join(", ")}
     FROM leaving l JOIN incoming i ON ${same("l", "i")}
     WHERE l.is_changed AND c.slice_id = ${slice.sliceId} AND ${same("c", "l")}`,
  );
  await sql.query(
    `DELETE FROM ${relation} c USING leaving l WHERE NOT l.is_changed AND c.slice_id = ${slice.sliceId} AND ${same("c", "l")}`,
  );
  const inserted = await sql.query(
    `INSERT INTO ${relation} (${RELATION_COLUMNS[relation]})
     SELECT ${RELATION_COLUMNS[relation]} FROM incoming i
     WHERE NOT EXISTS (SELECT FROM ${relation} c WHERE c.slice_id = ${slice.sliceId} AND ${same("c", "i")})`,
  );
  const { rows } = await sql.query<{ changed: string; removed: string }>(
    `SELECT count(*) FILTER (WHERE is_changed) AS changed, count(*) FILTER (WHERE NOT is_changed) AS removed FROM leaving`,
  );
  await sql.query("DROP TABLE incoming, leaving");
  const changed = Number(rows[0]?.changed ?? 0);
  return { changed, removed: Number(rows[0]?.removed ?? 0), added: inserted.rowCount ?? 0 };
}

async function keepHistory(sql: PoolClient, publicationId: number): Promise<void> {
  await sql.query(`
    INSERT INTO cost_day_history (slice_id, to_publication, chunk, from_publications, key_ids, days, owner_ids, pool_ids,
                                  billed, effective, list, contracted, line_items)
    SELECT slice_id, ${publicationId}, (n - 1) / ${HISTORY_CHUNK_ROWS} AS chunk,
           array_agg(from_publication ORDER BY n), array_agg(key_id ORDER BY n),
           array_agg(day ORDER BY n), array_agg(owner_id ORDER BY n), array_agg(pool_id ORDER BY n),
           array_agg(trim_scale(billed) ORDER BY n), array_agg(nullif(trim_scale(effective), billed) ORDER BY n),
           array_agg(nullif(trim_scale(list), billed) ORDER BY n),
           array_agg(nullif(trim_scale(contracted), billed) ORDER BY n),
           array_agg(line_items ORDER BY n)
    FROM (SELECT *, row_number() OVER (ORDER BY key_id, day, owner_id, pool_id) AS n FROM leaving) AS numbered
    GROUP BY slice_id, chunk`);
}

/** What the relations hold for a slice, per currency and relation; all must equal the control totals. */
export async function readStoredTotals(
  sql: PoolClient,
  sliceId: number,
): Promise<
  {
    relation: Relation;
    currency: string;
    billed: string;
    effective: string;
    list: string;
    contracted: string;
    lineItems: number;
  }[]
> {
  const selects = (Object.keys(RELATION_COLUMNS) as Relation[]).map(
    (relation) => `
    SELECT '${relation}' AS relation, k.currency, sum(billed) AS billed, sum(effective) AS effective, sum(list) AS list,
           sum(contracted) AS contracted, sum(line_items) AS line_items
    FROM (SELECT key_id, sum(billed) AS billed, sum(effective) AS effective, sum(list) AS list, sum(contracted) AS contracted,
                 sum(line_items) AS line_items
          FROM ${relation} WHERE slice_id = $1 GROUP BY key_id) AS by_key
    JOIN charge_key k ON k.id = by_key.key_id GROUP BY k.currency`,
  );
  const { rows } = await sql.query<Record<string, string>>(selects.join(" UNION ALL "), [sliceId]);
  return rows.map((row) => ({
    relation: row.relation as Relation,
    currency: String(row.currency),
    billed: String(row.billed),
    effective: String(row.effective),
    list: String(row.list),
    contracted: String(row.contracted),
    lineItems: Number(row.line_items),
  }));
}
