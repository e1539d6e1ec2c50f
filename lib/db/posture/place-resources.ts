import type { SqlExecutor } from "#lib/db/activity.ts";

/** Whose accounts and namespaces are, and their environments, as they stand now. */
export type Places = {
  /** Team key by account id. */
  accountTeams: ReadonlyMap<string, string>;
  /** Environment by account id. */
  accountEnvironments: ReadonlyMap<string, string>;
  /** Environment by "cluster uid". */
  namespaceEnvironments: ReadonlyMap<string, string>;
};

/** Makes the tables of this transaction that `PLACED` joins. */
export async function openPlaces(sql: SqlExecutor, places: Places): Promise<void> {
  const accounts = [...new Set([...places.accountTeams.keys(), ...places.accountEnvironments.keys()])];
  await sql.query("DROP TABLE IF EXISTS account_place");
  await sql.query("DROP TABLE IF EXISTS namespace_place");
  await sql.query(
    "CREATE TEMP TABLE account_place (account_id text PRIMARY KEY, team_key text, environment text) ON COMMIT DROP",
  );
  await sql.query("CREATE TEMP TABLE namespace_place (cluster_key text, uid text, environment text) ON COMMIT DROP");
  await sql.query("INSERT INTO account_place SELECT * FROM unnest($1::text[], $2::text[], $3::text[])", [
    accounts,
    accounts.map((account) => places.accountTeams.get(account) ?? null),
    accounts.map((account) => places.accountEnvironments.get(account) ?? null),
  ]);
  const namespaces = [...places.namespaceEnvironments];
  await sql.query(
    `INSERT INTO namespace_place SELECT split_part(name, ' ', 1), split_part(name, ' ', 2), environment
     FROM unnest($1::text[], $2::text[]) AS t (name, environment)`,
    [namespaces.map(([name]) => name), namespaces.map(([, environment]) => environment)],
  );
  await sql.query("ANALYZE account_place, namespace_place");
}

/**
 * Owner and place of the resource `r`: its namespace's owner, or else that of its account or its cluster's. Looked up resource by resource,
 * so that a look at one cluster costs the same however many others there are.
 */
export const PLACED = `
  LEFT JOIN LATERAL (SELECT account_id FROM cluster WHERE cluster_key = r.cluster_key AND seen_to IS NULL ORDER BY id DESC LIMIT 1) k ON true
  LEFT JOIN LATERAL (SELECT uid, team_key FROM namespace_owner
    WHERE cluster_key = r.cluster_key AND uid = r.namespace_uid AND seen_to IS NULL ORDER BY id DESC LIMIT 1) o ON true
  LEFT JOIN account_place a ON a.account_id = coalesce(r.account_id, k.account_id)`;

export const PLACED_TEAM = "CASE WHEN o.uid IS NULL THEN coalesce(a.team_key, '') ELSE coalesce(o.team_key, '') END";
export const PLACED_ACCOUNT = "coalesce(r.account_id, k.account_id, '')";
