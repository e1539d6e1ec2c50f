import type { ChangedCluster } from "#lib/db/cluster-bill/swap-cluster-costs.ts";
import type { Transaction } from "#lib/db/client.ts";
import { enqueue } from "#lib/services/runs/queue.ts";

/** Queues the split of clusters whose cost, usage or settings have changed, in the transaction that changed them. */
export async function requestSplits(
  transaction: Transaction,
  now: Date,
  changed: readonly ChangedCluster[],
): Promise<void> {
  for (const { clusterKey, from, to } of changed)
    await enqueue(
      transaction,
      "split-cluster",
      { clusterKey, from, to, logicalTime: now.toISOString() },
      { startAfter: SETTLE_SECONDS },
    );
}

/** Deliveries come in groups, and figures that people wait for come before those that are made of them. */
export const SETTLE_SECONDS = 60;
