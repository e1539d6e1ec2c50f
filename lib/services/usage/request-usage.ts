import type { ServiceContext } from "#lib/services/context.ts";
import { enqueue } from "#lib/services/runs/queue.ts";

/** The clusters themselves are looked at first. */
const SETTLE_SECONDS = 60;

/** Queues a reading of the usage of each of a source's clusters: of the days that were not read for good. */
export async function requestUsage(
  context: ServiceContext,
  sourceKey: string,
  clusterKeys: readonly string[],
): Promise<void> {
  await context.database.transact(async (transaction) => {
    for (const clusterKey of clusterKeys)
      await enqueue(
        transaction,
        "read-usage",
        { sourceKey, clusterKey, logicalTime: context.now.toISOString() },
        { singletonKey: clusterKey, startAfter: SETTLE_SECONDS },
      );
  });
}
