import type { SqlExecutor } from "#lib/db/activity.ts";

/** An account as an organisation listed it at an instant, and since when it was in its state. */
export type ListedAccount = {
  sourceKey: string;
  provider: string;
  accountId: string;
  name: string;
  mail: string;
  state: string;
  stateSeenAt: Date;
  /** True where the state was the first that we saw the account in. */
  isFirstLook: boolean;
  joinedAt: Date | null;
  joinedMethod: string | null;
  unitId: string;
  tags: Record<string, string> | null;
  isManagement: boolean;
  delegatedServices: string[] | null;
};

export type ListedUnit = { sourceKey: string; unitId: string; parentId: string | null; name: string; path: string };

/** When an organisation was read, and what could not be read of it. */
export type InventoryReading = { source: string; readAt: Date; unknown: { what: string; action: string }[] };

const HOLDS =
  "CASE WHEN $1::timestamptz IS NULL THEN seen_to IS NULL ELSE seen_from <= $1 AND (seen_to IS NULL OR seen_to > $1) END";

/** The accounts of every organisation, as of an instant or now. */
export async function readListedAccounts(sql: SqlExecutor, asOf: Date | null): Promise<ListedAccount[]> {
  const { rows } = await sql.query(
    `SELECT a.*, s.state_since, s.state_since = s.first_seen AS is_first_look FROM cloud_account a JOIN LATERAL (
       SELECT min(b.seen_from) AS first_seen,
         coalesce((SELECT min(c.seen_from) FROM cloud_account c WHERE c.source_key = a.source_key AND c.account_id = a.account_id
           AND c.state = a.state AND c.seen_from <= a.seen_from AND NOT EXISTS (
             SELECT FROM cloud_account d WHERE d.source_key = a.source_key AND d.account_id = a.account_id
               AND d.state <> a.state AND d.seen_from > c.seen_from AND d.seen_from < a.seen_from)), a.seen_from) AS state_since
       FROM cloud_account b WHERE b.source_key = a.source_key AND b.account_id = a.account_id
     ) s ON true
     WHERE ${HOLDS.replaceAll("seen_", "a.seen_")} ORDER BY a.account_id`,
    [asOf],
  );
  return rows.map((row) => ({
    sourceKey: String(row.source_key),
    provider: String(row.provider),
    accountId: String(row.account_id),
    name: String(row.name),
    mail: String(row.mail),
    state: String(row.state),
    stateSeenAt: row.state_since as Date,
    isFirstLook: row.is_first_look === true,
    joinedAt: row.joined_at as Date | null,
    joinedMethod: row.joined_method as string | null,
    unitId: String(row.unit_id),
    tags: row.tags as Record<string, string> | null,
    isManagement: row.is_management === true,
    delegatedServices: row.delegated_services as string[] | null,
  }));
}

/** The units of every organisation, as of an instant or now; parents before children. */
export async function readListedUnits(sql: SqlExecutor, asOf: Date | null): Promise<ListedUnit[]> {
  const { rows } = await sql.query(
    `SELECT source_key, unit_id, parent_id, name, path FROM organization_unit WHERE ${HOLDS} ORDER BY path, unit_id`,
    [asOf],
  );
  return rows.map((row) => ({
    sourceKey: String(row.source_key),
    unitId: String(row.unit_id),
    parentId: row.parent_id as string | null,
    name: String(row.name),
    path: String(row.path),
  }));
}

/** The newest reading of every source of inventory up to an instant. */
export async function readInventoryReadings(sql: SqlExecutor, asOf: Date | null): Promise<InventoryReading[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (o.key) o.title, p.published_at, p.totals -> 'unknown' AS unknown
     FROM source o JOIN slice s ON s.source_key = o.key AND s.dataset = 'inventory' JOIN publication p ON p.slice_id = s.id
     WHERE o.removed_at IS NULL AND ($1::timestamptz IS NULL OR p.published_at <= $1) ORDER BY o.key, p.id DESC`,
    [asOf],
  );
  return rows.map((row) => ({
    source: String(row.title),
    readAt: row.published_at as Date,
    unknown: (row.unknown as InventoryReading["unknown"] | null) ?? [],
  }));
}

/** Provider by account id, of the accounts that cost rows name. */
export async function readAccountProviders(sql: SqlExecutor): Promise<Map<string, string>> {
  const { rows } = await sql.query("SELECT account_id, provider FROM account");
  return new Map(rows.map((row) => [String(row.account_id), String(row.provider)]));
}
