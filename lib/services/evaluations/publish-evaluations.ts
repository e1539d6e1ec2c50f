import type { PoolClient } from "pg";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { EvaluationReading } from "#lib/sources/evaluation-reading.ts";

export type EvaluationCounts = {
  /** Items that were handed in. */
  items: number;
  /** Stretches that began and ended; unchanged ones are in neither. */
  began: number;
  ended: number;
  /** Stretches of the past that were taken back. */
  restated: number;
};

/**
 * Takes over what one part of a source says at `at`, inside of the caller's transaction: rows, roll-ups, the look and the entry in the
 * activity log commit together. `goodForMs` is how long the look speaks: two of the source's intervals.
 *
 * Evidence must not hold what changes from look to look (instants of the look itself, counters): it would begin a stretch each time.
 *
 * @throws AppError "bad_data" where an item names a rule that is not among the rules, comes twice, or lies in the future; "conflict" where
 *   a later look at the part has been published.
 */
export function publishEvaluations(
  context: ServiceContext,
  sql: PoolClient,
  publication: { sourceKey: string; part: string; at: Date; goodForMs: number; reading: EvaluationReading },
): Promise<EvaluationCounts> {
  return Promise.reject(new AppError("internal", `${context.actor.id} ${String(sql)} ${publication.part}`));
}
