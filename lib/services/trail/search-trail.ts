import { countEvents, searchEvents } from "#lib/db/trail/search-events.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { TrailHistogram, TrailPage, TrailPlace, TrailQuery } from "#lib/services/trail/trail-view.ts";

const PAGE_ROWS = 100;
const HISTOGRAM_STEPS = 60;
/** A histogram counts every event of its range. */
const LONGEST_HISTOGRAM_MS = 400 * 86_400_000;

/** A page of the events that fit, newest first. */
export async function searchTrail(
  context: ServiceContext,
  query: TrailQuery,
  before: TrailPlace | null,
): Promise<TrailPage> {
  await authorise(context, "activity:read", "trail");
  const rows = await searchEvents(context.database.pool, query, { before, limit: PAGE_ROWS + 1 });
  const shown = rows.slice(0, PAGE_ROWS);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > PAGE_ROWS && last ? { at: last.at, seq: last.seq } : null };
}

/**
 * How many events that fit happened when.
 *
 * @throws AppError "limit_reached" for a range of more than 400 days, "invalid_input" for one without length.
 */
export async function readTrailHistogram(
  context: ServiceContext,
  query: TrailQuery & { from: Date; to: Date },
): Promise<TrailHistogram> {
  await authorise(context, "activity:read", "trail");
  const lengthMs = query.to.getTime() - query.from.getTime();
  if (!(lengthMs > 0)) throw new AppError("invalid_input", "The range of time ends before it begins.");
  if (lengthMs > LONGEST_HISTOGRAM_MS)
    throw new AppError("limit_reached", "A histogram spans 400 days at the most.", {
      remedy: "Choose a shorter range.",
    });
  const counts = await countEvents(context.database.pool, query, HISTOGRAM_STEPS);
  return {
    from: query.from.toISOString(),
    to: query.to.toISOString(),
    stepSeconds: lengthMs / 1000 / HISTOGRAM_STEPS,
    counts,
  };
}
