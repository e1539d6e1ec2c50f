import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import { openChanges, storeChanges } from "#lib/db/posture/count-changes.ts";
import { lockPosture } from "#lib/db/posture/lock-posture.ts";
import { findMoved, lastRecorded, moveFound } from "#lib/db/posture/move-evaluations.ts";
import { loadPlaces } from "#lib/services/evaluations/load-places.ts";

/**
 * Gives every evaluation that goes on to whoever owns its resource now, in the transaction in which owners changed: the stretch so far
 * keeps the owner of its time. `clusterKey` null = wherever the resources are. Where something was recorded at `at` or later, the
 * millisecond after it counts, for what was answered must stay so.
 *
 * @returns how many stretches went on under another owner. The log's entry is the one of what changed the owners.
 */
export async function reassignEvaluations(
  sql: PoolClient,
  { clusterKey, at: changedAt }: { clusterKey: string | null; at: Date },
): Promise<number> {
  await lockPosture(sql);
  const { rows } = await sql.query("SELECT FROM evaluation LIMIT 1");
  if (rows.length === 0) return 0;
  const { environmentTags } = loadConfig();
  await loadPlaces(sql, { at: changedAt, environmentTags, clusters: clusterKey === null ? null : [clusterKey] });
  const moved = await findMoved(sql, clusterKey);
  if (moved === 0) return 0;
  const last = await lastRecorded(sql);
  const at = new Date(Math.max(changedAt.getTime(), (last?.getTime() ?? -1) + 1));
  await openChanges(sql);
  await moveFound(sql, at);
  await storeChanges(sql);
  return moved;
}
