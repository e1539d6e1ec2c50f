import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Day } from "#lib/domain/period.ts";
import { ownerResolver, type OwnerResolution } from "#lib/domain/ownership/resolve-owner.ts";
import { loadClaims } from "#lib/services/ownership/load-claims.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";

/**
 * Whose every account is that anything is claimed about, by "AWS 111122223333".
 *
 * @param asked `day`: whose teams and people count; `asOf`: whose claims, null = those of now.
 */
export async function loadAccountOwners(
  sql: SqlExecutor,
  asked: { day: Day; asOf: Date | null },
): Promise<Map<string, OwnerResolution>> {
  const claims = await loadClaims(sql, "account", asked.asOf);
  const directory = await loadDirectoryView(sql, asked.day);
  const resolve = ownerResolver(directory);
  const at = `${asked.day}T00:00:00.000Z`;
  return new Map([...claims].map(([account, own]) => [account, resolve(own, at)]));
}
