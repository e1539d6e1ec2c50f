import { loadConfig } from "#lib/config.ts";
import {
  keepStamp,
  noteCopies,
  noteOutcome,
  noteStampCopy,
  readUncopied,
  readUncopiedStamps,
  readUnstamped,
} from "#lib/db/trail/head-copies.ts";
import { toAppError, type AppError } from "#lib/errors.ts";
import { checkTimeStamp, requestTimeStamp } from "#lib/reports/bundle/time-stamp.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { headPlaces, type HeadPlace } from "#lib/services/trail/heads/head-places.ts";
import { headEnvelope } from "#lib/services/trail/heads/tree-head.ts";

/** Heads that are brought to one place at once; older ones wait for the next sealing. */
const MOST_AT_ONCE = 1_000;
/** No further one is begun after this, so that whoever waits for a sealing does not wait for years of heads. */
const BEGUN_WITHIN_MS = 10_000;
/** After this the place counts as one that does not answer. */
const ANSWER_LIMIT_MS = 20_000;

/** A place outside of the database that could not be written to, or an authority that did not stamp. */
export type FailedPlace = { place: string; error: AppError };

/**
 * Writes every published head that is not yet noted as written to each place outside of the database, and has the newest one stamped where that is
 * configured. A head is noted once it is written, so that a process that dies in between leaves it to the next sealing: twice at the worst,
 * never not at all. One place's failure keeps no other from its heads; it is remembered until it works again, and answered.
 */
export async function copyHeads(context: ServiceContext): Promise<FailedPlace[]> {
  const failed = new Map<string, FailedPlace>();
  const { pool } = context.database;
  const attempt = async (place: string, work: () => Promise<void>) => {
    const error = await work().then(() => null, toAppError);
    await noteOutcome(pool, place, error?.toJSON() ?? null, context.now);
    if (error !== null) failed.set(place, { place, error });
  };
  const places = headPlaces();
  for (const place of places) await attempt(place.name, () => copyTo(context, place, "heads"));
  const { audit, timestamps } = loadConfig();
  if (audit.heads.timestamps && timestamps) await attempt(timestamps.url, () => stampNewest(context, timestamps.url));
  for (const place of places)
    if (!failed.has(place.name)) await attempt(place.name, () => copyTo(context, place, "stamps"));
  return [...failed.values()];
}

async function copyTo(context: ServiceContext, place: HeadPlace, what: "heads" | "stamps"): Promise<void> {
  const { pool } = context.database;
  const heads = what === "heads" ? await readUncopied(pool, place.name, MOST_AT_ONCE) : [];
  const stamps = what === "stamps" ? await readUncopiedStamps(pool, place.name, MOST_AT_ONCE) : [];
  if (heads.length + stamps.length === 0) return;
  const begun = performance.now();
  const mayGoOn = () => performance.now() - begun < BEGUN_WITHIN_MS;
  const opened = await place.open(context, AbortSignal.timeout(ANSWER_LIMIT_MS));
  try {
    // The newest first: it stands for all earlier ones, which may take many sealings where a place is new.
    for (let end = heads.length; end > 0 && mayGoOn(); end -= place.batch) {
      const batch = heads.slice(Math.max(0, end - place.batch), end);
      await opened.putHeads(
        batch.map((head) => ({ size: head.size, envelope: headEnvelope(head, head.keyId, head.signature) })),
      );
      const sizes = batch.map(({ size }) => size);
      await noteCopies(pool, place.name, sizes, context.now);
    }
    for (const { size, stamp } of stamps) {
      if (!mayGoOn()) return;
      await opened.putStamp(size, stamp);
      await noteStampCopy(pool, place.name, size);
    }
  } finally {
    opened.close();
  }
}

/** One stamp shows of all earlier heads that they were there, since each is the beginning of the next. */
async function stampNewest({ database }: ServiceContext, url: string): Promise<void> {
  const head = await readUnstamped(database.pool);
  if (head === null) return;
  const envelope = Buffer.from(headEnvelope(head, head.keyId, head.signature));
  const stamp = await requestTimeStamp(url, envelope);
  const { at } = await checkTimeStamp(stamp, envelope);
  await database.transact(({ sql }) => keepStamp(sql, head.size, stamp, at));
}
