import type { Event } from "@aws-sdk/client-cloudtrail";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { cloudTrailRecord } from "#lib/sources/aws-cloudtrail/api-types.ts";
import type { TrailLookup } from "#lib/sources/aws-cloudtrail/lookup-client.ts";
import { parseLookupCursor, type LookupCursor } from "#lib/sources/aws-cloudtrail/lookup-cursor.ts";
import { toTrailEvent } from "#lib/sources/aws-cloudtrail/normalize.ts";
import type { EventBatch, EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import { finding } from "#lib/sources/finding.ts";

export type LookupPlace = { sourceKey: string; account: string; region: string; days: number };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** CloudTrail keeps events for so long where no trail does. */
export const LOOKUP_DAYS = 90;
/** Events come about five minutes after they happened, which is not guaranteed: so much of the time before is looked up again each time, and a day once a day. */
const OVERLAP_MS = 60 * MINUTE_MS;
/** Pages that are kept together: at two requests a second, five seconds of work are lost with a worker. */
const PAGES_A_BATCH = 10;
/** How often a stretch is asked for anew, from where it had come to, because AWS gave its pages up. */
const MOST_RESTARTS = 20;

/**
 * What CloudTrail itself tells of an account's region, day by day. A day is answered from its newest event to its oldest, so that the cursor keeps
 * how far down a day was read: whoever is broken off asks for what lies below that and for nothing twice, but for one second.
 */
export async function* readLookup(
  { sourceKey, account, region, days }: LookupPlace,
  lookup: TrailLookup,
  { cursor: kept, now, signal, onProgress }: ReadEventsOptions,
): EventReading {
  const oldest = now.getTime() - LOOKUP_DAYS * DAY_MS;
  const before = parseLookupCursor(kept);
  const first = new Date(now.getTime() - Math.min(days, LOOKUP_DAYS) * DAY_MS);
  let cursor: LookupCursor = before ?? { lookedUpTo: first.toISOString(), dayAgainAt: null, open: null };
  if (new Date(cursor.lookedUpTo).getTime() < oldest) {
    const detail = `${cursor.lookedUpTo} to ${new Date(oldest).toISOString()}`;
    cursor = { ...cursor, lookedUpTo: new Date(oldest).toISOString(), open: null };
    yield { events: [], cursor, findings: [finding("lookup_out_of_reach", `${account}/${region}`, { detail })] };
  }
  const start = new Date(cursor.lookedUpTo).getTime();
  const { dayAgainAt } = cursor;
  const isDue = dayAgainAt === null || now.getTime() - Date.parse(dayAgainAt) >= DAY_MS;
  let from = Math.max(oldest, before ? start - (isDue ? DAY_MS : OVERLAP_MS) : start);
  const total = Math.max(1, Math.ceil((now.getTime() - from) / DAY_MS));
  for (let day = 0; from < now.getTime(); day += 1) {
    signal.throwIfAborted();
    onProgress({ step: "Looking events up", done: day, total, unit: "days" });
    const to = cursor.open ? new Date(cursor.open.to) : new Date(Math.min(from + DAY_MS, now.getTime()));
    const down = cursor.open ? new Date(cursor.open.down) : to;
    yield* readStretch({ sourceKey, account, region }, lookup, { from: new Date(from), to, down }, cursor);
    const isLast = to.getTime() >= now.getTime();
    cursor = {
      lookedUpTo: to.toISOString(),
      dayAgainAt: isDue && isLast ? now.toISOString() : dayAgainAt,
      open: null,
    };
    yield { events: [], cursor, findings: [] };
    from = to.getTime();
  }
}

type Stretch = { from: Date; to: Date; down: Date };

async function* readStretch(
  place: Omit<LookupPlace, "days">,
  lookup: TrailLookup,
  { from, to, down }: Stretch,
  cursor: LookupCursor,
): AsyncGenerator<EventBatch> {
  for (let restart = 0; restart <= MOST_RESTARTS; restart += 1) {
    const pages = lookup.pages(place.region, from, down);
    let gathered: Event[] = [];
    const batch = () => {
      const oldest = gathered.reduce(
        (least, { EventTime }) => (EventTime && EventTime < least ? EventTime : least),
        down,
      );
      down = oldest;
      const open = { to: to.toISOString(), down: down.toISOString() };
      const read = toEvents(place, gathered);
      gathered = [];
      return { ...read, cursor: { ...cursor, open } };
    };
    for (let page = 1; ; page += 1) {
      const next = await pages.next();
      if (next.done) {
        if (gathered.length > 0) yield batch();
        if (next.value) return;
        break;
      }
      gathered.push(...next.value);
      if (page % PAGES_A_BATCH === 0 && gathered.length > 0) yield batch();
    }
  }
  throw new AppError("unavailable", "CloudTrail gave up the pages of a lookup again and again while they were read.", {
    remedy: "The next run goes on from here.",
  });
}

function toEvents(
  { sourceKey, account, region }: Omit<LookupPlace, "days">,
  answered: readonly Event[],
): Pick<EventBatch, "events" | "findings"> {
  const events: TrailEvent[] = [];
  const odd: string[] = [];
  for (const { EventId = "", CloudTrailEvent = "" } of answered) {
    const record = cloudTrailRecord.safeParse(parseJson(CloudTrailEvent));
    if (record.success) events.push(toTrailEvent(sourceKey, record.data, new TextEncoder().encode(CloudTrailEvent)));
    else odd.push(EventId);
  }
  const sample = odd[0];
  if (sample === undefined) return { events, findings: [] };
  return { events, findings: [finding("event_not_understood", `${account}/${region}`, { count: odd.length, sample })] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
