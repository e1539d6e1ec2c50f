import { z } from "zod";

/** What is known of an account's region from one look to the next. Keys are without what stands before the region's day. */
export const trailCursor = z.object({
  /** Log files and digests of this day ("2026/03/01") and later are listed. */
  from: z.string(),
  /**
   * Log files that were read: the version in the bucket and the SHA-256 of what they unpack to, or of what they have to. `standing`: no digest has
   * named it yet ("open"), none did in time and that was told ("told"), or nothing of it was taken besides ("refused"). `trouble`: what is there now
   * could not be read or is not what was delivered; nothing of it was ever taken ("left-out"), or something was before it was changed ("changed") or deleted ("gone").
   */
  files: z.record(
    z.string(),
    z.object({
      tag: z.string(),
      hash: z.string(),
      standing: z.enum(["open", "told", "refused"]).optional(),
      trouble: z.enum(["left-out", "changed", "gone"]).optional(),
    }),
  ),
  /** Digests that were read or that another one follows, see check-digests.ts. Those that CloudTrail added later are in no chain. */
  chain: z
    .record(
      z.string(),
      z.object({
        tag: z.string().nullable(),
        hash: z.string().nullable(),
        followedAs: z.string().nullable(),
        isTold: z.boolean(),
      }),
    )
    .default({}),
  /** Stretches of time whose digests are there and are believed, the oldest first. */
  covered: z.array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() })).default([]),
  /** Log files that a digest names and that were not there yet: their hash, since when, and whether that was told. */
  owed: z.record(z.string(), z.object({ hash: z.string(), since: z.iso.datetime(), isTold: z.boolean() })),
});
export type TrailCursor = z.infer<typeof trailCursor>;

const DAY_MS = 86_400_000;

/** The cursor of a first look. */
export function firstCursor(now: Date, days: number): TrailCursor {
  return { from: folderOfDay(now, days), files: {}, chain: {}, covered: [], owed: {} };
}

/**
 * What is handed back with the next look: only what may still come late is listed again, and files before that are forgotten. `until`: the day that
 * reading has come to; null once all was read, when what is owed from before is given up.
 */
export function movedOn(cursor: TrailCursor, now: Date, lateDays: number, until: string | null): TrailCursor {
  const late = folderOfDay(now, lateDays);
  const reached = until !== null && until < late ? until : late;
  const from = reached > cursor.from ? reached : cursor.from;
  // Copied, as reading goes on before it is kept.
  const files = Object.entries(cursor.files).flatMap(([name, file]) =>
    name >= from ? [[name, { ...file }] as const] : [],
  );
  const owed = Object.entries(cursor.owed).filter(([name]) => until !== null || name >= from);
  return {
    from,
    files: Object.fromEntries<TrailCursor["files"][string]>(files),
    chain: recentDigests(cursor.chain, { late, from }),
    covered: cursor.covered.filter(({ to }) => to.slice(0, 10).replaceAll("-", "/") >= from),
    owed: Object.fromEntries<TrailCursor["owed"][string]>(owed),
  };
}

/** Notes that the digests of a stretch of time are there. */
export function cover(cursor: TrailCursor, from: string, to: string): void {
  const merged: TrailCursor["covered"] = [];
  for (const one of [...cursor.covered, { from, to }].toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last && one.from <= last.to) last.to = one.to > last.to ? one.to : last.to;
    else merged.push({ ...one });
  }
  cursor.covered = merged;
}

/** The trail that a digest is of, with its account and region, and when its time ends, from its key or name; null for what is no digest. */
export function digestNameIn(key: string): { trail: string; endsAt: string; isBackfill: boolean } | null {
  const [, trail, ends = "", backfill] = /([^/]+)_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$/.exec(key) ?? [];
  const endsAt = ends.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, "$1-$2-$3T$4:$5:$6Z");
  return trail === undefined ? null : { trail, endsAt, isBackfill: backfill !== undefined };
}

/**
 * Digests that may still come late or be put back, and the last of each trail, which the next one follows whenever it comes. Of a first look the older ones are read again
 * where it is broken off: kept with each part of it, they would be most of what is written.
 */
function recentDigests(chain: TrailCursor["chain"], { late, from }: { late: string; from: string }) {
  const newest = new Map<string, string>();
  for (const [name, { tag }] of Object.entries(chain)) {
    const { trail, isBackfill } = digestNameIn(name) ?? {};
    if (trail === undefined || isBackfill || tag === null) continue;
    if (name > (newest.get(trail) ?? "")) newest.set(trail, name);
  }
  const last = new Set(newest.values());
  const isKept = ([name, { isTold }]: [string, { isTold: boolean }]) =>
    name >= late || (name >= from && isTold) || last.has(name);
  return Object.fromEntries(Object.entries(chain).filter(isKept));
}

function folderOfDay(now: Date, daysBefore: number): string {
  return new Date(now.getTime() - daysBefore * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "/");
}
