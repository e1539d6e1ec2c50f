import type { Transaction } from "#lib/db/client.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { enqueue } from "#lib/services/runs/queue.ts";
import { requestRun } from "#lib/services/runs/request-run.ts";
import { covers, projectionFor } from "#lib/services/sources/projection.ts";
import { toRule } from "#lib/services/rules/load-allocation.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";

/**
 * Queues a run for every published cost slice of an open period (or of some of them), in the caller's transaction: allocated anew from the roll-up, or,
 * where the rules look at a tag or resource pattern that the roll-up does not keep, pulled from the files again.
 */
export async function requestReallocation(
  transaction: Transaction,
  context: ServiceContext,
  periods: readonly string[] | null = null,
): Promise<string[]> {
  const { sql } = transaction;
  const rules = await sql.query(
    "SELECT rule_id, position, name, match, target, valid_from, valid_to FROM allocation_rule WHERE retired_at IS NULL",
  );
  const needed = projectionFor(rules.rows.map(toRule));
  const { rows } = await sql.query<{ id: number; source_key: string; period: string; projection: Projection }>(
    `SELECT s.id, s.source_key, s.period, p.projection FROM slice s JOIN publication p ON p.id = s.publication_id
     WHERE s.dataset = 'cost' AND s.period NOT IN (SELECT period FROM closed_period)
       AND ($1::text[] IS NULL OR s.period = ANY($1))
     ORDER BY s.period DESC, s.id`,
    [periods],
  );
  const runIds: string[] = [];
  for (const slice of rows) {
    const needsFiles = !covers(slice.projection, needed);
    const logicalTime = context.now;
    const { runId, isNew } = await requestRun(transaction, context, {
      kind: needsFiles ? "pull" : "reallocate",
      sourceKey: slice.source_key,
      sliceId: slice.id,
      period: slice.period,
      trigger: "rule-change",
      logicalTime,
    });
    runIds.push(runId);
    // A run that is under way notices before it publishes that the rules have changed, and allocates again.
    if (!isNew) continue;
    if (needsFiles)
      await enqueue(transaction, "pull-slice", {
        runId,
        sourceKey: slice.source_key,
        period: slice.period,
        logicalTime: logicalTime.toISOString(),
      });
    else
      await enqueue(transaction, "reallocate-slice", {
        runId,
        sliceId: slice.id,
        logicalTime: logicalTime.toISOString(),
      });
  }
  return runIds;
}
