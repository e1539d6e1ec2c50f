import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { AppError, toAppError } from "#lib/errors.ts";
import type { ControlTotals, RunView } from "#lib/services/sources/source-view.ts";
import type { ProgressListener } from "#lib/sources/source.ts";

/** How often a worker says that it is alive; a run silent for SILENT_AFTER_MS is taken from it. */
export const HEARTBEAT_EVERY_MS = 5_000;
export const SILENT_AFTER_MS = 30_000;

/**
 * The right to publish for one run. It is held by (run, attempt): whoever takes the run again raises the attempt, and from then on
 * an earlier holder that wakes up late can neither report nor commit.
 */
export type RunLease = {
  runId: string;
  attempt: number;
  /** The instant that the run stands for, whenever it is done. */
  logicalTime: Date;
  trigger: RunView["trigger"];
  /** Aborted where the run was taken by another worker. */
  signal: AbortSignal;
  report: ProgressListener;
  /** Stops the heartbeat. */
  release(): void;
};

/**
 * Takes a run that is queued, failed and tried again, or running and silent, for this worker.
 * @throws AppError "superseded" where it has ended or another worker is alive on it.
 */
export async function takeRun(database: Database, runId: string, outerSignal?: AbortSignal): Promise<RunLease> {
  const { rows } = await database.pool.query<{ attempt: number; logical_time: Date; trigger: RunView["trigger"] }>(
    `UPDATE run SET state = 'running', started_at = clock_timestamp(), heartbeat_at = clock_timestamp(), error = NULL, progress = NULL,
            attempt = CASE WHEN started_at IS NULL THEN attempt ELSE attempt + 1 END
     WHERE id = $1 AND (state IN ('queued', 'abandoned')
        OR (state = 'failed' AND NOT EXISTS (
              SELECT FROM run other WHERE other.slice_id = run.slice_id AND other.state IN ('queued', 'running', 'abandoned')))
        OR (state = 'running' AND heartbeat_at < clock_timestamp() - $2 * interval '1 millisecond'))
     RETURNING attempt, logical_time, trigger`,
    [runId, SILENT_AFTER_MS],
  );
  const taken = rows[0];
  if (taken === undefined)
    throw new AppError("superseded", `Run ${runId} has ended or is being done by another worker.`);

  const { attempt, logical_time: logicalTime, trigger } = taken;
  const controller = new AbortController();
  const signal = outerSignal ? AbortSignal.any([controller.signal, outerSignal]) : controller.signal;
  let progress: Parameters<ProgressListener>[0] | null = null;
  let isWriting = false;
  const beat = async () => {
    if (isWriting) return;
    isWriting = true;
    try {
      const beaten = await database.pool.query(
        `UPDATE run SET heartbeat_at = clock_timestamp(), progress = $3 WHERE id = $1 AND attempt = $2 AND state = 'running'`,
        [runId, attempt, progress ? JSON.stringify(progress) : null],
      );
      if (beaten.rowCount === 0) controller.abort(superseded(runId));
    } catch (thrown) {
      // Without a database there is nothing to publish to either: the work stops, and the run is found silent later.
      controller.abort(toAppError(thrown));
    } finally {
      isWriting = false;
    }
  };
  const timer = setInterval(() => void beat(), HEARTBEAT_EVERY_MS);
  let reportedAt = 0;
  return {
    runId,
    attempt,
    logicalTime,
    trigger,
    signal,
    report(next) {
      const isNewStep = next.step !== progress?.step;
      progress = next;
      // Half a second is as often as a person's eye follows; every report costs one row version.
      if (!isNewStep && Date.now() - reportedAt < 500) return;
      reportedAt = Date.now();
      void beat();
    },
    release: () => clearInterval(timer),
  };
}

/** Ends the run as part of the caller's transaction. Throws "superseded", which rolls it back, where the run is no longer this worker's. */
export async function finishRun(
  sql: SqlExecutor,
  lease: RunLease,
  result: { state: "succeeded" | "unchanged"; counts: RunView["counts"]; controlTotals: ControlTotals | null },
): Promise<void> {
  const finished = await sql.query(
    `UPDATE run SET state = $3, finished_at = clock_timestamp(), counts = $4, control_totals = $5, progress = NULL
     WHERE id = $1 AND attempt = $2 AND state = 'running'`,
    [lease.runId, lease.attempt, result.state, json(result.counts), json(result.controlTotals)],
  );
  if (finished.rowCount !== 1) throw superseded(lease.runId);
}

/** Ends the run as failed and marks its slice stale where it shows older figures. Does nothing where the run is another's by now. */
export async function failRun(database: Database, lease: RunLease, error: AppError): Promise<void> {
  await database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ slice_id: number | null }>(
      `UPDATE run SET state = 'failed', finished_at = clock_timestamp(), error = $3, progress = NULL
       WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING slice_id`,
      [lease.runId, lease.attempt, JSON.stringify(error)],
    );
    const sliceId = rows[0]?.slice_id;
    if (sliceId)
      await sql.query("UPDATE slice SET stale = true WHERE id = $1 AND publication_id IS NOT NULL", [sliceId]);
  });
}

function superseded(runId: string): AppError {
  return new AppError("superseded", `Run ${runId} was taken over by another worker; this one publishes nothing.`);
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
