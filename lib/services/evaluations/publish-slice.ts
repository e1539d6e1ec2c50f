import { POSTURE_TABLES, refreshStatistics } from "#lib/db/refresh-statistics.ts";
import { toAppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import { EVALUATION_SCHEDULES, lookReachMs } from "#lib/services/evaluations/look-reach.ts";
import { noteFailedLook } from "#lib/services/evaluations/note-failed-look.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import type { RunLease } from "#lib/services/runs/run-lease.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/** For a source whose kind has no schedule of its own. */
const DAILY = "0 4 * * *";

/**
 * Looks at one part of a source of evaluations and takes over what it says: rows, numbers, look and the end of the run are one transaction.
 * A look that fails is kept as one, so that what nobody could see is a gap and not a pass.
 */
export async function publishEvaluationSlice(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  sliceId: number,
  offered: OfferedSlice,
): Promise<void> {
  const look = { sourceKey: source.key, part: offered.period, at: context.now };
  const schedule = source.schedule ?? scheduleOf(source.kind);
  try {
    const reading = await source.readEvaluations(offered, {
      signal: lease.signal,
      onProgress: lease.report,
      now: context.now,
    });
    await context.database.transact(async ({ sql }) => {
      const goodForMs = lookReachMs(schedule, context.now);
      const { items } = await publishEvaluations(context, sql, { ...look, goodForMs, reading });
      await publishDataset(sql, context, lease, { source, sliceId, offered, records: items });
    });
  } catch (thrown) {
    // A run that was taken from this worker is not a look: another one is looking.
    if (!lease.signal.aborted) await noteFailedLook(context.database.pool, { ...look, error: toAppError(thrown) });
    throw thrown;
  }
  await refreshStatistics(context.database.pool, POSTURE_TABLES);
}

function scheduleOf(kind: string): string {
  const known: Record<string, string> = EVALUATION_SCHEDULES;
  return known[kind] ?? DAILY;
}
