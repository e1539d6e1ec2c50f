import { countEvents, readDistances } from "#lib/db/trail/read-distances.ts";
import { readEventSources, type EventSource } from "#lib/db/trail/read-event-sources.ts";
import { dayOf, startOfDay } from "#lib/domain/trail/event-terms.ts";
import {
  fileGapsOf,
  SHORTEST_GAP_SECONDS,
  silencesOf,
  unreadGap,
  type Distance,
  type Gap,
} from "#lib/domain/trail/gap.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import type { GapsView, SourceGaps } from "#lib/services/trail/search/trail-view.ts";

const DAY_MS = 86_400_000;
const LONGEST_RANGE_MS = 31 * DAY_MS;
/** Events whose distances are looked at: one look is a few seconds. */
const MOST_EVENTS = 5_000_000;
/** Statements of one source; more are counted. */
const MOST_GAPS = 200;

/**
 * Of each source of events: when nothing came from an account or a cluster that usually sends more, which files are missing or were changed, and since
 * when it could not be read. What is usual is learnt from the range and as much time before it. Silence beyond what was read is no silence. A file that came
 * or was put back after all is no gap any more; it is listed after the others with when that was. With `asOf` by what had arrived and had been read by that instant.
 *
 * @throws AppError "invalid_input" for a range without length; "limit_reached" beyond 31 days, or where it has more than 5,000,000 events.
 */
export async function listGaps(
  context: ServiceContext,
  range: { from: Date; to: Date; asOf?: Date | null },
): Promise<GapsView> {
  await authorise(context, "activity:read", "gaps of the trail");
  const { pool } = context.database;
  const { from } = range;
  const asOf = range.asOf ?? null;
  const now = asOf !== null && asOf < context.now ? asOf : context.now;
  const to = range.to > now ? now : range.to;
  const lengthMs = to.getTime() - from.getTime();
  if (!(lengthMs > 0)) throw new AppError("invalid_input", "The range of time ends before it begins.");
  if (lengthMs > LONGEST_RANGE_MS)
    throw new AppError("limit_reached", "Gaps are looked for in 31 days at the most.", {
      remedy: "Choose a shorter range.",
    });
  const learnFrom = new Date(from.getTime() - lengthMs);
  const days = { fromDay: dayOf(from), toDay: dayOf(new Date(to.getTime() - 1)) + 1 };
  const count = await countEvents(pool, sha256Hex, dayOf(learnFrom), days.toDay);
  if (count > MOST_EVENTS)
    throw new AppError(
      "limit_reached",
      `The range and the time before it have ${count.toLocaleString("en")} events; gaps are looked for in ${MOST_EVENTS.toLocaleString("en")} at the most.`,
      { remedy: "Choose a shorter range." },
    );
  const distances = await readDistances(pool, {
    learnFrom,
    from,
    to,
    shortestSeconds: SHORTEST_GAP_SECONDS,
    arrivedBy: asOf,
  });
  const sources = await readEventSources(pool, sha256Hex, { ...days, asOf });
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    sources: sources.map((source) => toView(source, distances.get(source.key) ?? [], { from, to, isOver: to < now })),
  };
}

type Shown = { from: Date; to: Date; isOver: boolean };

function toView(source: EventSource, distances: readonly Distance[], range: Shown): SourceGaps {
  const { key, title, readAt, failure, days, count, findings } = source;
  const isReadWhole = readAt !== null && readAt >= range.to;
  const readTo = readAt !== null && readAt < range.to ? readAt : range.to;
  const gaps = [
    ...(failure === null || isReadWhole ? [] : [unreadGap(key, readAt, failure)]),
    ...silencesOf(distances, readTo, range.isOver && readTo === range.to),
    ...fileGapsOf(key, findings).filter(({ to }) => to === null || (to > range.from && to <= range.to)),
  ].toSorted(byTime);
  const open = gaps.filter(({ closed }) => closed === null);
  const listed = [...open, ...gaps.filter(({ closed }) => closed !== null)];
  return {
    key,
    title,
    state: days === null ? "never" : open.length > 0 ? "gaps" : count === 0 ? "empty" : "none",
    readAt: readAt?.toISOString() ?? null,
    lastDay: days && startOfDay(days.last).toISOString().slice(0, 10),
    events: count,
    gaps: listed.slice(0, MOST_GAPS).map(({ kind, part, from, to, closed, sentence }) => ({
      kind,
      part,
      from: from?.toISOString() ?? null,
      to: to?.toISOString() ?? null,
      isClosed: closed !== null,
      sentence,
    })),
    notListed: Math.max(0, gaps.length - MOST_GAPS),
  };
}

/** What goes on first, then the newest. */
function byTime(a: Gap, b: Gap): number {
  const endOf = ({ to }: Gap) => to?.getTime() ?? Infinity;
  return endOf(b) === endOf(a) ? (b.from?.getTime() ?? 0) - (a.from?.getTime() ?? 0) : endOf(b) - endOf(a);
}
