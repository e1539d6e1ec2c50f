import { readLogHead } from "#lib/db/reports/read-log-head.ts";
import { countByDay, searchEvents, searchInstants } from "#lib/db/trail/search-events.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { TrailHistogram, TrailPage, TrailPlace, TrailQuery } from "#lib/services/trail/search/trail-view.ts";

const PAGE_ROWS = 100;
const HISTOGRAM_STEPS = 60;
const DAY_MS = 86_400_000;
const LONGEST_HISTOGRAM_MS = 400 * DAY_MS;
/** From this length on a histogram is of whole days, which are counted when events arrive. */
const BY_DAY_MS = 10 * DAY_MS;
/** Events that a histogram goes through where nothing was counted before. */
const MOST_COUNTED = 10_000;

/** A page of the events that fit, newest first. @param asOf by what was published of the log up to then; null = by all that it has. */
export async function searchTrail(
  context: ServiceContext,
  query: TrailQuery,
  before: TrailPlace | null,
  asOf: Date | null = null,
): Promise<TrailPage> {
  await authorise(context, "activity:read", "trail");
  const through = await throughOf(context, asOf);
  if (through === NOTHING_PUBLISHED) return { rows: [], next: null };
  const rows = await searchEvents(context.database.pool, query, { before, limit: PAGE_ROWS + 1, through });
  const shown = rows.slice(0, PAGE_ROWS);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > PAGE_ROWS && last ? { at: last.at, seq: last.seq } : null };
}

/**
 * How many events that fit happened when. Whole days where the range is ten days or longer and at most one field is asked for; otherwise the
 * newest 10,000 that fit are counted, and `isCut` says where there are more. `asOf` as in searchTrail; then each event is counted.
 *
 * @throws AppError "limit_reached" for a range of more than 400 days, "invalid_input" for one without length.
 */
export async function readTrailHistogram(
  context: ServiceContext,
  query: TrailQuery & { from: Date; to: Date },
  asOf: Date | null = null,
): Promise<TrailHistogram> {
  await authorise(context, "activity:read", "trail");
  const lengthMs = query.to.getTime() - query.from.getTime();
  if (!(lengthMs > 0)) throw new AppError("invalid_input", "The range of time ends before it begins.");
  if (lengthMs > LONGEST_HISTOGRAM_MS)
    throw new AppError("limit_reached", "A histogram spans 400 days at the most.", {
      remedy: "Choose a shorter range.",
    });
  const { pool } = context.database;
  const through = await throughOf(context, asOf);
  const days = lengthMs < BY_DAY_MS || through !== null ? null : await countByDay(pool, query);
  if (days !== null) {
    const from = Math.floor(query.from.getTime() / DAY_MS) * DAY_MS;
    const stepMs = Math.ceil((query.to.getTime() - from) / DAY_MS / HISTOGRAM_STEPS) * DAY_MS;
    const steps = Math.ceil((query.to.getTime() - from) / stepMs);
    return countInto({ from, to: query.to, stepMs, steps }, days, false);
  }
  const instants =
    through === NOTHING_PUBLISHED ? [] : await searchInstants(pool, query, { limit: MOST_COUNTED + 1, through });
  const counted = instants.slice(0, MOST_COUNTED).map((at) => ({ at, count: 1 }));
  const bars = { from: query.from.getTime(), to: query.to, stepMs: lengthMs / HISTOGRAM_STEPS, steps: HISTOGRAM_STEPS };
  return countInto(bars, counted, instants.length > MOST_COUNTED);
}

const NOTHING_PUBLISHED = -1;

/** The last entry of the log that counts; null = all do. */
async function throughOf({ database, now }: ServiceContext, asOf: Date | null): Promise<number | null> {
  if (asOf === null || asOf >= now) return null;
  const head = await readLogHead(database.pool, asOf.toISOString());
  return head === null ? NOTHING_PUBLISHED : Number(head.size) - 1;
}

function countInto(
  { from, to, stepMs, steps }: { from: number; to: Date; stepMs: number; steps: number },
  counted: readonly { at: Date; count: number }[],
  isCut: boolean,
): TrailHistogram {
  const counts = Array.from({ length: steps }, () => 0);
  for (const { at, count } of counted) {
    const step = Math.floor((at.getTime() - from) / stepMs);
    counts[step] = (counts[step] ?? 0) + count;
  }
  return {
    from: new Date(from).toISOString(),
    to: to.toISOString(),
    stepSeconds: stepMs / 1000,
    counts,
    isCut,
  };
}
