import { readAllocatedKeys } from "#lib/db/allocated-keys.ts";
import { resolveOwners } from "#lib/db/owners.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { assignIds } from "#lib/services/rules/assign-ids.ts";
import { loadAllocation, readAllocationStamp } from "#lib/services/rules/load-allocation.ts";
import { finishRun, type RunLease } from "#lib/services/runs/run-lease.ts";

export type KeptSlice = { sliceId: number; period: string; publicationId: number; allocationBasis: string | null };

/**
 * Ends the run as unchanged where the rules of now give every key of the slice to whom it is given already, and nothing else that decides
 * has changed since: pools, the directory, claims about accounts, the period's closing. Most rules are about a few accounts, and most
 * slices have none of them. Answers false, having changed nothing, where the slice has to be allocated.
 */
export async function keepAllocation(context: ServiceContext, lease: RunLease, slice: KeptSlice): Promise<boolean> {
  const { database } = context;
  const period = billingPeriod(slice.period);
  const allocation = await loadAllocation(database.pool, period);
  if (allocation.basis !== slice.allocationBasis) return false;
  const ownerIds = await database.transact(({ sql }) => resolveOwners(sql, allocation.teams));
  const assigned = assignIds(allocation, period, ownerIds);
  for (const { key, ownerId, poolId } of await readAllocatedKeys(database.pool, slice.sliceId)) {
    const now = assigned(key);
    if (now.ownerId !== ownerId || now.poolId !== poolId) return false;
  }
  return database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ publication_id: number }>(
      "SELECT publication_id FROM slice WHERE id = $1 FOR UPDATE",
      [slice.sliceId],
    );
    // As where a slice is published: whoever saves a rule meanwhile is seen here, or sees that this run has ended.
    if (rows[0]?.publication_id !== slice.publicationId) return false;
    if ((await readAllocationStamp(sql, period)) !== allocation.stamp) return false;
    await sql.query("UPDATE slice SET stale = false WHERE id = $1", [slice.sliceId]);
    await finishRun(sql, lease, { state: "unchanged", counts: null, controlTotals: null });
    return true;
  });
}
