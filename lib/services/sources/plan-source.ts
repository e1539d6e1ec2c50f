import { toAppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { enqueue } from "#lib/services/runs/queue.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import { covers, currentProjection } from "#lib/services/sources/projection.ts";
import { requestUsage } from "#lib/services/usage/request-usage.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

export type PlanRequest = {
  sourceKey: string;
  logicalTime: Date;
  trigger: RunView["trigger"];
  /** Pull this period only; null = every period whose files or projection changed. */
  period?: string | null;
  /** Also where nothing changed. */
  force?: boolean;
};

/**
 * Lists what the source offers and queues a run for each slice that is not published as offered, newest period first.
 * Answers the runs, those already under way included.
 */
export async function planSource(context: ServiceContext, request: PlanRequest): Promise<{ runIds: string[] }> {
  await authorise(context, "sources:pull", request.sourceKey);
  const source = await loadSource(context.database, request.sourceKey);
  let offered: OfferedSlice[];
  try {
    offered = await source.plan({ logicalTime: request.logicalTime });
  } catch (thrown) {
    const error = toAppError(thrown);
    await context.database.pool.query("UPDATE source SET plan_error = $2 WHERE key = $1", [
      source.key,
      JSON.stringify(error),
    ]);
    throw error;
  }
  await context.database.pool.query("UPDATE source SET plan_error = NULL, planned_at = $2 WHERE key = $1", [
    source.key,
    request.logicalTime,
  ]);

  // A period that was asked for but is not offered still gets its run: the run then says what is missing.
  const wanted = request.period
    ? [
        offered.find((slice) => slice.period === request.period) ?? {
          period: request.period,
          fingerprint: "",
          files: [],
        },
      ]
    : offered.toSorted((a, b) => b.period.localeCompare(a.period));
  const projection = source.dataset === "cost" ? await currentProjection(context.database.pool) : null;
  const runIds: string[] = [];
  for (const slice of wanted) {
    const isWanted = request.force || request.period || !(await isPublished(context, source.key, slice, projection));
    if (!isWanted) continue;
    runIds.push(
      await queuePull(context, request, {
        sourceKey: source.key,
        dataset: source.dataset,
        period: slice.period,
        offered: slice.fingerprint,
      }),
    );
  }
  if (source.hasClusters)
    await requestUsage(
      context,
      source.key,
      offered.map(({ period }) => period),
    );
  return { runIds };
}

/** Writes the run and its job in one transaction. */
async function queuePull(
  context: ServiceContext,
  request: { logicalTime: Date; trigger: RunView["trigger"] },
  slice: { sourceKey: string; dataset: string; period: string; offered: string },
): Promise<string> {
  return context.database.transact(async (transaction) => {
    const sliceId = await ensureSlice(transaction, slice);
    await transaction.sql.query("UPDATE slice SET offered = nullif($2, '') WHERE id = $1", [sliceId, slice.offered]);
    const { runId, isNew } = await requestRun(transaction, context, {
      kind: "pull",
      sourceKey: slice.sourceKey,
      sliceId,
      period: slice.period,
      trigger: request.trigger,
      logicalTime: request.logicalTime,
    });
    if (isNew)
      await enqueue(transaction, "pull-slice", {
        runId,
        sourceKey: slice.sourceKey,
        period: slice.period,
        logicalTime: request.logicalTime.toISOString(),
      });
    return runId;
  });
}

async function isPublished(
  context: ServiceContext,
  sourceKey: string,
  slice: OfferedSlice,
  projection: Projection | null,
): Promise<boolean> {
  const { rows } = await context.database.pool.query<{
    published: string | null;
    projection: Projection | null;
    stale: boolean;
  }>(
    `SELECT s.published, s.stale, p.projection FROM slice s LEFT JOIN publication p ON p.id = s.publication_id
     WHERE s.source_key = $1 AND s.period = $2`,
    [sourceKey, slice.period],
  );
  const row = rows[0];
  if (!row || row.stale || row.published !== slice.fingerprint) return false;
  return projection === null || (row.projection !== null && covers(row.projection, projection));
}
