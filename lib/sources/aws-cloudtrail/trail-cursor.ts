import { z } from "zod";

/** What is known of an account's region from one look to the next. Keys are without what stands before the region's day. */
export const trailCursor = z.object({
  /** Log files and digests of this day ("2026/03/01") and later are listed. */
  from: z.string(),
  /**
   * Log files that were read: the version in the bucket and the SHA-256 of what they unpack to. `standing`: no digest has named it yet ("open"), or
   * none did in time and nothing of it was taken ("refused").
   */
  files: z.record(
    z.string(),
    z.object({ tag: z.string(), hash: z.string(), standing: z.enum(["open", "refused"]).optional() }),
  ),
  /** By the name of the trail: the last digest that was checked. */
  digests: z.record(z.string(), z.string()),
  /** Digests that CloudTrail added later for files that it had left out; they come in any order. */
  backfills: z.array(z.string()).default([]),
  /** Stretches of time whose digests are there and are believed, the oldest first. */
  covered: z.array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() })).default([]),
  /** Log files that a digest names and that were not there yet: their hash, since when, and whether that was told. */
  owed: z.record(z.string(), z.object({ hash: z.string(), since: z.iso.datetime(), isTold: z.boolean() })),
});
export type TrailCursor = z.infer<typeof trailCursor>;

const DAY_MS = 86_400_000;

/** The cursor of a first look. */
export function firstCursor(now: Date, days: number): TrailCursor {
  return { from: folderOfDay(now, days), files: {}, digests: {}, backfills: [], covered: [], owed: {} };
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
    digests: { ...cursor.digests },
    backfills: cursor.backfills.filter((key) => dayFolderIn(key) >= from),
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

/** "2026/03/01" of a key, in which it stands before the name. */
function dayFolderIn(key: string): string {
  return /(\d{4}\/\d{2}\/\d{2})\/[^/]+$/.exec(key)?.[1] ?? "";
}

function folderOfDay(now: Date, daysBefore: number): string {
  return new Date(now.getTime() - daysBefore * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "/");
}
