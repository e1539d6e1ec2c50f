import { randomUUID } from "node:crypto";
import type { Transaction } from "#lib/db/client.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";

export type RunRequest = {
  kind: RunView["kind"];
  sourceKey: string | null;
  sliceId: number;
  period: string;
  trigger: RunView["trigger"];
  logicalTime: Date;
};

/**
 * Writes a queued run for a slice, or finds the one that is already queued or running: however many triggers come at once, one run
 * is made. The slice's row is the lock. The caller authorises, and queues the job in the same transaction where `isNew`.
 */
export async function requestRun(
  { sql }: Transaction,
  context: ServiceContext,
  request: RunRequest,
): Promise<{ runId: string; isNew: boolean }> {
  await sql.query("SELECT id FROM slice WHERE id = $1 FOR UPDATE", [request.sliceId]);
  const active = await sql.query<{ id: string }>(
    "SELECT id FROM run WHERE slice_id = $1 AND state IN ('queued', 'running', 'abandoned') ORDER BY queued_at LIMIT 1",
    [request.sliceId],
  );
  const found = active.rows[0]?.id;
  if (found !== undefined) return { runId: found, isNew: false };
  const runId = randomUUID();
  await sql.query(
    `INSERT INTO run (id, kind, source_key, slice_id, period, state, trigger, requested_by, logical_time, queued_at)
     VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, clock_timestamp())`,
    [
      runId,
      request.kind,
      request.sourceKey,
      request.sliceId,
      request.period,
      request.trigger,
      context.actor.id,
      request.logicalTime,
    ],
  );
  await recordActivity(sql, {
    at: context.now,
    actor: context.actor,
    action: "run.requested",
    subject: `${request.kind} ${request.sourceKey ?? ""} ${request.period}`,
    after: { run: runId, trigger: request.trigger },
  });
  return { runId, isNew: true };
}

/** The slice's row, made where it is not there yet. */
export async function ensureSlice(
  { sql }: Transaction,
  slice: { sourceKey: string; dataset: string; period: string },
): Promise<number> {
  const { rows } = await sql.query<{ id: number }>(
    `INSERT INTO slice (source_key, dataset, period) VALUES ($1, $2, $3)
     ON CONFLICT (source_key, dataset, period) DO UPDATE SET period = excluded.period RETURNING id`,
    [slice.sourceKey, slice.dataset, slice.period],
  );
  return Number(rows[0]?.id);
}
