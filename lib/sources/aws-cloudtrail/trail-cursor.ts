import { z } from "zod";

/** What is known of an account's region from one look to the next. Keys are without what stands before the region's day. */
export const trailCursor = z.object({
  /** Log files and digests of this day ("2026/03/01") and later are listed. */
  from: z.string(),
  /** Log files that were read: the version in the bucket and the SHA-256 of what they unpack to. */
  files: z.record(z.string(), z.object({ tag: z.string(), hash: z.string() })),
  /** By the name of the trail: the last digest that was checked. */
  digests: z.record(z.string(), z.string()),
  /** Log files that a digest names and that were not there yet: their hash, since when, and whether that was told. */
  owed: z.record(z.string(), z.object({ hash: z.string(), since: z.iso.datetime(), isTold: z.boolean() })),
});
export type TrailCursor = z.infer<typeof trailCursor>;

const DAY_MS = 86_400_000;

/** The cursor of a first look. */
export function firstCursor(now: Date, days: number): TrailCursor {
  return { from: folderOfDay(now, days), files: {}, digests: {}, owed: {} };
}

/**
 * What is handed back with the next look: only what may still come late is listed again, and files before that are forgotten. `until`: the day that
 * reading has come to; null once all was read, when what is owed from before is given up.
 */
export function movedOn(cursor: TrailCursor, now: Date, lateDays: number, until: string | null): TrailCursor {
  const late = folderOfDay(now, lateDays);
  const reached = until !== null && until < late ? until : late;
  const from = reached > cursor.from ? reached : cursor.from;
  const files = Object.entries(cursor.files).filter(([name]) => name >= from);
  const owed = Object.entries(cursor.owed).filter(([name]) => until !== null || name >= from);
  return {
    from,
    files: Object.fromEntries<TrailCursor["files"][string]>(files),
    digests: { ...cursor.digests },
    owed: Object.fromEntries<TrailCursor["owed"][string]>(owed),
  };
}

function folderOfDay(now: Date, daysBefore: number): string {
  return new Date(now.getTime() - daysBefore * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "/");
}
