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

/** Owner and place of the resource `r`: its namespace's owner, or else that of its account or its cluster's. */
export const PLACED = `
  LEFT JOIN (SELECT DISTINCT ON (cluster_key) cluster_key, account_id FROM cluster WHERE seen_to IS NULL ORDER BY cluster_key, id DESC) k
    ON k.cluster_key = r.cluster_key
  LEFT JOIN (SELECT DISTINCT ON (cluster_key, uid) cluster_key, uid, team_key FROM namespace_owner WHERE seen_to IS NULL
    ORDER BY cluster_key, uid, id DESC) o ON o.cluster_key = r.cluster_key AND o.uid = r.namespace_uid
  LEFT JOIN account_place a ON a.account_id = coalesce(r.account_id, k.account_id)`;

export const PLACED_TEAM = "CASE WHEN o.uid IS NULL THEN coalesce(a.team_key, '') ELSE coalesce(o.team_key, '') END";
export const PLACED_ACCOUNT = "coalesce(r.account_id, k.account_id, '')";
