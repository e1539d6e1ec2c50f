import { recordActivity } from "#lib/db/activity.ts";
import type { Transaction } from "#lib/db/client.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { enqueue, QUEUE_SCHEMA } from "#lib/services/runs/queue.ts";
import { SILENT_AFTER_MS } from "#lib/services/runs/run-lease.ts";

/** A run that killed its worker this often is not tried again by itself. */
const MAX_ATTEMPTS = 5;

/** The most runs that one sweep takes up; the next sweep goes on. */
const MAX_RUNS = 500;

type RunRow = {
  id: string;
  kind: string;
  source_key: string;
  slice_id: number;
  period: string;
  attempt: number;
  logical_time: Date;
};

/**
 * Finds runs whose worker no longer says that it is alive and queues them again; a run that fell silent too often has failed.
 * Its old worker, should it wake up, can no longer publish. A run that waits without any job, because its job was lost with a worker before
 * the run was taken, gets a new one.
 */
export async function abandonSilentRuns(context: ServiceContext): Promise<{ requeued: string[]; failed: string[] }> {
  await authorise(context, "sources:pull", "silent runs");
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const silent = await sql.query<RunRow>(
      `SELECT * FROM run WHERE state = 'running' AND heartbeat_at < clock_timestamp() - $1 * interval '1 millisecond'
       ORDER BY queued_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [SILENT_AFTER_MS, MAX_RUNS],
    );
    const requeued: string[] = [];
    const failed: string[] = [];
    for (const run of silent.rows) {
      const isHopeless = run.attempt >= MAX_ATTEMPTS;
      await abandon(transaction, run, isHopeless);
      (isHopeless ? failed : requeued).push(run.id);
      if (!isHopeless) await queueAgain(transaction, run);
      await recordActivity(sql, {
        at: context.now,
        actor: context.actor,
        action: "run.abandoned",
        subject: `${run.kind} ${run.source_key} ${run.period}`,
        after: { run: run.id, attempt: run.attempt },
      });
    }
    for (const run of await findForgottenRuns(transaction)) {
      await queueAgain(transaction, run);
      requeued.push(run.id);
    }
    return { requeued, failed };
  });
}

async function abandon({ sql }: Transaction, run: RunRow, isHopeless: boolean): Promise<void> {
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
  if (isHopeless)
    await sql.query("UPDATE slice SET stale = true WHERE id = $1 AND publication_id IS NOT NULL", [run.slice_id]);
}

/** Runs that wait and have no job that could still be done. Their slice could never be asked for again. */
async function findForgottenRuns({ sql }: Transaction): Promise<RunRow[]> {
  const { rows } = await sql.query<RunRow>(
    `SELECT * FROM run WHERE state IN ('queued', 'abandoned') AND queued_at < clock_timestamp() - $1 * interval '1 millisecond'
       AND NOT EXISTS (SELECT FROM ${QUEUE_SCHEMA}.job WHERE data ->> 'runId' = run.id::text AND state IN ('created', 'retry', 'active'))
     ORDER BY queued_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [SILENT_AFTER_MS, MAX_RUNS],
  );
  return rows;
}

async function queueAgain(transaction: Transaction, run: RunRow): Promise<void> {
  const logicalTime = run.logical_time.toISOString();
  if (run.kind === "reallocate")
    await enqueue(transaction, "reallocate-slice", { runId: run.id, sliceId: run.slice_id, logicalTime });
  else
    await enqueue(transaction, "pull-slice", {
      runId: run.id,
      sourceKey: run.source_key,
      period: run.period,
      logicalTime,
    });
}
