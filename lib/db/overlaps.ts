import type { SqlExecutor } from "#lib/db/activity.ts";
import { readCostScope, type ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { ComparedAmounts, SourceRole } from "#lib/services/sources/source-comparison-view.ts";

export type OverlapCost = {
  period: string;
  otherKey: string;
  currency: string;
  accounts: number;
  serviceName: string;
  ours: ComparedAmounts;
  theirs: ComparedAmounts;
};

export type Overlaps = { sources: { key: string; title: string; role: SourceRole }[]; costs: OverlapCost[] };

type SlicePair = { id: number; other_id: number; other_key: string; period: string; shared: string[] };

/** What a source and any other say about the accounts that both have, per month, currency and service. */
export async function readOverlaps(sql: SqlExecutor, sourceKey: string): Promise<Overlaps> {
  const pairs = await sql.query(
    `SELECT s.id, o.id AS other_id, o.source_key AS other_key, s.period,
            ARRAY(SELECT unnest(p.accounts) INTERSECT SELECT unnest(q.accounts)) AS shared
     FROM slice s JOIN publication p ON p.id = s.publication_id
     JOIN slice o ON o.period = s.period AND o.dataset = 'cost' AND o.source_key <> s.source_key
     JOIN publication q ON q.id = o.publication_id AND q.billing_accounts && p.billing_accounts
     WHERE s.source_key = $1 AND s.dataset = 'cost'`,
    [sourceKey],
  );
  const overlapping = (pairs.rows as SlicePair[]).filter(({ shared }) => shared.length > 0);
  if (overlapping.length === 0) return { sources: [], costs: [] };
  const keys = [...new Set([sourceKey, ...overlapping.map((pair) => pair.other_key)])];
  const periods = [...new Set(overlapping.map((pair) => pair.period as BillingPeriod))];
  const counted = await readCostScope(sql, periods, null);
  const titles = await sql.query("SELECT key, title FROM source WHERE key = ANY($1)", [keys]);
  const costs: OverlapCost[] = [];
  for (const pair of overlapping) costs.push(...(await readPair(sql, pair)));
  return {
    sources: titles.rows.map((row) => ({
      key: String(row.key),
      title: String(row.title),
      role: roleOf(String(row.key), counted, periods),
    })),
    costs,
  };
}

function roleOf(key: string, counted: readonly ScopedSlice[], periods: readonly BillingPeriod[]): SourceRole {
  const own = counted.filter((slice) => slice.sourceKey === key);
  if (own.length === 0) return "check";
  return own.length === periods.length && own.every((slice) => slice.countedAccounts === null) ? "counts" : "part";
}

async function readPair(sql: SqlExecutor, pair: SlicePair): Promise<OverlapCost[]> {
  const { rows } = await sql.query(
    `SELECT k.currency, k.service_name,
       ${["billed", "effective"].map((basis) => `trim_scale(coalesce(sum(m.${basis}) FILTER (WHERE m.slice_id = $1), 0))::text AS ours_${basis}, trim_scale(coalesce(sum(m.${basis}) FILTER (WHERE m.slice_id = $2), 0))::text AS theirs_${basis}`).join(", ")}
     FROM cost_month m JOIN charge_key k ON k.id = m.key_id
     WHERE m.slice_id IN ($1, $2) AND k.provider || ' ' || coalesce(nullif(k.sub_account_id, ''), k.billing_account_id) = ANY($3)
     GROUP BY k.currency, k.service_name`,
    [pair.id, pair.other_id, pair.shared],
  );
  return rows.map((row) => ({
    period: pair.period,
    otherKey: pair.other_key,
    currency: String(row.currency),
    accounts: pair.shared.length,
    serviceName: String(row.service_name),
    ours: { billed: String(row.ours_billed), effective: String(row.ours_effective) },
    theirs: { billed: String(row.theirs_billed), effective: String(row.theirs_effective) },
  }));
}
