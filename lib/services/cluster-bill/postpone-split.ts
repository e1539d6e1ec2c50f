import type { Database } from "#lib/db/client.ts";
import type { JobPayload } from "#lib/services/runs/job-payloads.ts";
import { SETTLE_SECONDS } from "#lib/services/cluster-bill/request-splits.ts";
import { enqueue } from "#lib/services/runs/queue.ts";

/** A split waits no longer for deliveries than this, so that an endless row of them does not keep it from being made. */
const LONGEST_WAIT_MS = 30 * 60_000;

/**
 * Queues a split again for later where cost is still being loaded: each delivery would have it made anew, and takes the processor from the
 * figures that people wait for. Answers true where it did.
 */
export async function postponeSplit(
  database: Database,
  payload: JobPayload<"split-cluster">,
  now: Date,
): Promise<boolean> {
  if (now.getTime() - Date.parse(payload.logicalTime) > LONGEST_WAIT_MS) return false;
  const { rows } = await database.pool.query(
    `SELECT 1 FROM run JOIN slice ON slice.id = run.slice_id
     WHERE run.state IN ('queued', 'running') AND slice.dataset = 'cost' LIMIT 1`,
  );
  if (rows.length === 0) return false;
  await database.transact((transaction) =>
    enqueue(transaction, "split-cluster", payload, { startAfter: SETTLE_SECONDS }),
  );
  return true;
}
