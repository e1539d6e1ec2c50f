import { ownerResolver } from "#lib/domain/ownership/resolve-owner.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { loadAccountClaims } from "#lib/services/ownership/load-account-claims.ts";
import { loadClaims } from "#lib/services/ownership/load-claims.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";
import { loadOverrides } from "#lib/services/ownership/load-overrides.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";
import { withRepositoryOwners } from "#lib/services/ownership/repository-owners.ts";
import { toOwnerView } from "#lib/services/ownership/to-owner-view.ts";

/** Whose a namespace was at an instant, by its own claims, what was decided about it, and those of its account. */
export async function namespaceOwnerAt(
  { database, now }: ServiceContext,
  asked: { clusterKey: string; uid: string; accountId: string | null; asOf: Date | null },
  teams: ReadonlyMap<string, string>,
): Promise<OwnerView> {
  const { pool } = database;
  const { clusterKey, uid, accountId, asOf } = asked;
  const subject = `${clusterKey} ${uid}`;
  const at = asOf ?? now;
  const [claims, overrides, inherited, directory] = await Promise.all([
    loadClaims(pool, "namespace", asOf, { subjects: [subject] }),
    loadOverrides(pool, { part: clusterKey, subjects: [subject], asOf }),
    loadAccountClaims(pool, accountId, asOf),
    loadDirectoryView(pool, dayOf(at)),
  ]);
  const own = [...(overrides.get(subject) ?? []), ...(claims.get(subject) ?? []), ...inherited];
  const resolve = ownerResolver(withRepositoryOwners(directory, claims.values()));
  return toOwnerView(resolve(own, at.toISOString()), (key) => teams.get(key));
}

/** Whose an account was at an instant. */
export async function accountOwnerAt(
  { database, now }: ServiceContext,
  asked: { accountId: string; asOf: Date | null },
  teams: ReadonlyMap<string, string>,
): Promise<OwnerView> {
  const at = asked.asOf ?? now;
  const [claims, directory] = await Promise.all([
    loadAccountClaims(database.pool, asked.accountId, asked.asOf),
    loadDirectoryView(database.pool, dayOf(at)),
  ]);
  return toOwnerView(ownerResolver(directory)(claims, at.toISOString()), (key) => teams.get(key));
}
