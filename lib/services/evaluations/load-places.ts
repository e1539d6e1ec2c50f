import type { SqlExecutor } from "#lib/db/activity.ts";
import { openPlaces } from "#lib/db/posture/place-resources.ts";
import { dayOf } from "#lib/domain/period.ts";
import { loadAccountOwners } from "#lib/services/ownership/load-account-owners.ts";

/**
 * Lays down for this transaction whose accounts are and which environment accounts and namespaces are in, as everything stands now. The
 * environment is the first of `environmentTags` among an account's tags or a namespace's labels that is present and not empty.
 *
 * @param asked `clusters`: those whose namespaces are wanted; null = all.
 */
export async function loadPlaces(
  sql: SqlExecutor,
  {
    at,
    environmentTags,
    clusters,
  }: { at: Date; environmentTags: readonly string[]; clusters: readonly string[] | null },
): Promise<void> {
  const owners = await loadAccountOwners(sql, { day: dayOf(at), asOf: null });
  const accountTeams = new Map<string, string>();
  for (const [subject, { teamKey }] of owners)
    if (teamKey !== null) accountTeams.set(subject.slice(subject.indexOf(" ") + 1), teamKey);
  const accounts = await sql.query(
    "SELECT account_id AS name, tags FROM cloud_account WHERE seen_to IS NULL AND tags IS NOT NULL ORDER BY id",
  );
  const namespaces = await sql.query(
    `SELECT cluster_key || ' ' || uid AS name, labels AS tags FROM namespace
     WHERE seen_to IS NULL AND labels <> '{}' AND ($1::text[] IS NULL OR cluster_key = ANY($1)) ORDER BY id`,
    [clusters],
  );
  await openPlaces(sql, {
    accountTeams,
    accountEnvironments: environmentsOf(accounts.rows, environmentTags),
    namespaceEnvironments: environmentsOf(namespaces.rows, environmentTags),
  });
}

function environmentsOf(
  rows: readonly Record<string, unknown>[],
  environmentTags: readonly string[],
): Map<string, string> {
  const environments = new Map<string, string>();
  for (const { name, tags } of rows) {
    const found = environmentOf(tags as Record<string, string>, environmentTags);
    if (found !== null) environments.set(String(name), found);
  }
  return environments;
}

/** Keys are compared without case, as those of cost rows are; a label's prefix ("example.com/") does not count. */
export function environmentOf(tags: Record<string, string>, environmentTags: readonly string[]): string | null {
  const byKey = new Map(
    Object.entries(tags).map(([key, value]) => [key.slice(key.lastIndexOf("/") + 1).toLowerCase(), value.trim()]),
  );
  for (const key of environmentTags) {
    const value = byKey.get(key.toLowerCase());
    if (value !== undefined && value !== "") return value;
  }
  return null;
}
