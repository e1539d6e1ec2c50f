import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Amounts } from "#lib/domain/money.ts";
import type { DifferenceRow } from "#lib/services/sources/source-view.ts";

/** The most rows of one difference; a restatement that touches more teams, services and accounts is read by export. */
const MAX_ROWS = 5000;

/**
 * The rows that came with a publication, live or since replaced, against those that left with it. Rows that only moved between owners
 * count as well: a re-allocation is a difference too.
 */
export async function readPublicationDifference(sql: SqlExecutor, publicationId: number): Promise<DifferenceRow[]> {
  const sums = (sign: "before" | "after") =>
    ["billed", "effective", "list", "contracted"]
      .map(
        (basis) => `trim_scale(coalesce(sum(${basis}) FILTER (WHERE side = '${sign}'), 0))::text AS ${basis}_${sign}`,
      )
      .join(", ");
  const { rows } = await sql.query(
    `WITH publication AS (SELECT id, slice_id FROM publication WHERE id = $1),
     moved AS (
       SELECT 'after' AS side, key_id, owner_id, pool_id, billed, effective, list, contracted
       FROM cost_day JOIN publication p ON cost_day.slice_id = p.slice_id AND from_publication = p.id
       UNION ALL
       SELECT CASE WHEN h.to_publication = p.id THEN 'before' ELSE 'after' END, u.key_id, u.owner_id, u.pool_id, u.billed,
              coalesce(u.effective, u.billed), coalesce(u.list, u.billed), coalesce(u.contracted, u.billed)
       FROM publication p JOIN cost_day_history h ON h.slice_id = p.slice_id AND h.to_publication >= p.id,
         unnest(h.from_publications, h.key_ids, h.owner_ids, h.pool_ids, h.billed, h.effective, h.list, h.contracted)
           AS u (from_publication, key_id, owner_id, pool_id, billed, effective, list, contracted)
       WHERE h.to_publication = p.id OR u.from_publication = p.id
     )
     SELECT k.currency, CASE WHEN moved.pool_id > 0 THEN 'Shared: ' || pl.name ELSE coalesce(nullif(o.team_name, ''), 'No owner') END AS team, k.service_name, k.sub_account_id,
            coalesce(max(a.name), k.sub_account_id) AS account_name, ${sums("before")}, ${sums("after")}
     FROM moved JOIN charge_key k ON k.id = moved.key_id JOIN owner o ON o.id = moved.owner_id JOIN pool pl ON pl.id = moved.pool_id
     LEFT JOIN account a ON a.provider = k.provider AND a.account_id = k.sub_account_id
     GROUP BY k.currency, 2, k.service_name, k.sub_account_id
     HAVING (sum(billed) FILTER (WHERE side = 'before'), sum(effective) FILTER (WHERE side = 'before'), sum(list) FILTER (WHERE side = 'before'), sum(contracted) FILTER (WHERE side = 'before'))
       IS DISTINCT FROM (sum(billed) FILTER (WHERE side = 'after'), sum(effective) FILTER (WHERE side = 'after'), sum(list) FILTER (WHERE side = 'after'), sum(contracted) FILTER (WHERE side = 'after'))
     ORDER BY abs(coalesce(sum(billed) FILTER (WHERE side = 'after'), 0) - coalesce(sum(billed) FILTER (WHERE side = 'before'), 0)) DESC, 1, 2, 3, 4
     LIMIT ${MAX_ROWS}`,
    [publicationId],
  );
  const amounts = (row: Record<string, unknown>, side: "before" | "after"): Amounts => ({
    billed: String(row[`billed_${side}`]),
    effective: String(row[`effective_${side}`]),
    list: String(row[`list_${side}`]),
    contracted: String(row[`contracted_${side}`]),
  });
  return rows.map((row) => ({
    currency: String(row.currency),
    team: String(row.team),
    serviceName: String(row.service_name),
    subAccountId: String(row.sub_account_id),
    accountName: String(row.account_name),
    before: amounts(row, "before"),
    after: amounts(row, "after"),
  }));
}
