import { recordActivity } from "#lib/db/activity.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { enqueue } from "#lib/services/runs/queue.ts";
import { SILENT_AFTER_MS } from "#lib/services/runs/run-lease.ts";

/** A run that killed its worker this often is not tried again by itself. */
const MAX_ATTEMPTS = 5;

/** The most runs that one sweep takes up; the next sweep goes on. */
const MAX_RUNS = 500;

/**
 * Finds runs whose worker no longer says that it is alive and queues them again; a run that fell silent too often has failed.
 * Its old worker, should it wake up, can no longer publish.
 */
export async function abandonSilentRuns(context: ServiceContext): Promise<{ requeued: string[]; failed: string[] }> {
  await authorise(context, "sources:pull", "silent runs");
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const { rows } = await sql.query<{
      id: string;
      kind: string;
      source_key: string;
      slice_id: number;
      period: string;
      attempt: number;
      logical_time: Date;
    }>(
      `SELECT * FROM run WHERE state = 'running' AND heartbeat_at < clock_timestamp() - $1 * interval '1 millisecond'
       ORDER BY queued_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [SILENT_AFTER_MS, MAX_RUNS],
    );
    const requeued: string[] = [];
    const failed: string[] = [];
    for (const run of rows) {
      const isHopeless = run.attempt >= MAX_ATTEMPTS;
      const error = {
        code: "unavailable",
        message: `The worker fell silent (${run.attempt} of ${MAX_ATTEMPTS} attempts).`,
        remedy: isHopeless ? "Look at the worker's log, then pull again." : null,
        place: null,
      };
      await sql.query(
        "UPDATE run SET state = $2, error = $3, finished_at = CASE WHEN $4 THEN clock_timestamp() END WHERE id = $1",
        [run.id, isHopeless ? "failed" : "abandoned", JSON.stringify(error), isHopeless],
      );
      (isHopeless ? failed : requeued).push(run.id);
      if (isHopeless)
        await sql.query("UPDATE slice SET stale = true WHERE id = $1 AND publication_id IS NOT NULL", [run.slice_id]);
      else if (run.kind === "reallocate")
        await enqueue(transaction, "reallocate-slice", {
          runId: run.id,
          sliceId: run.slice_id,
          logicalTime: run.logical_time.toISOString(),
        });
      else
        await enqueue(transaction, "pull-slice", {
          runId: run.id,
          sourceKey: run.source_key,
          period: run.period,
          logicalTime: run.logical_time.toISOString(),
        });
      await recordActivity(sql, {
        at: context.now,
        actor: context.actor,
        action: "run.abandoned",
        subject: `${run.kind} ${run.source_key} ${run.period}`,
        after: { run: run.id, attempt: run.attempt },
      });
    }
    return { requeued, failed };
  });
}
