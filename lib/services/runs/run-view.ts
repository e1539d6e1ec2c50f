import type { RunView } from "#lib/services/sources/source-view.ts";

/** What a query of `run` has to select beside its columns for `toRunView`. */
export const ASKED_SQL = `(SELECT jsonb_build_object('requests', sum(a.requests), 'priceUsd', trim_scale(sum(a.price_usd))::text)
  FROM api_request a WHERE a.run_id = run.id HAVING sum(a.requests) > 0) AS asked`;

/** A row of `run`, as pages and machines see it. */
export function toRunView(row: Record<string, unknown>): RunView {
  const startedAt = row.started_at as Date | null;
  const finishedAt = row.finished_at as Date | null;
  return {
    id: String(row.id),
    kind: row.kind as RunView["kind"],
    sourceKey: row.source_key as string | null,
    period: row.period as string | null,
    state: row.state as RunView["state"],
    trigger: row.trigger as RunView["trigger"],
    requestedBy: String(row.requested_by),
    attempt: Number(row.attempt),
    queuedAt: (row.queued_at as Date).toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    durationMs: startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : null,
    progress: row.progress as RunView["progress"],
    counts: row.counts as RunView["counts"],
    controlTotals: row.control_totals as RunView["controlTotals"],
    asked: row.asked as RunView["asked"],
    error: row.error as RunView["error"],
  };
}
