import { z } from "zod";

/** What is known of a region that is looked up, from one look to the next. */
export const lookupCursor = z.strictObject({
  /** Until when everything was read. */
  lookedUpTo: z.iso.datetime(),
  /** When the last day was looked at again; null = never. */
  dayAgainAt: z.iso.datetime().nullable().default(null),
  /** The stretch that is being read, from its newest event to its oldest: its end, and how far down it was read. Null between two of them. */
  open: z.strictObject({ to: z.iso.datetime(), down: z.iso.datetime() }).nullable(),
});
export type LookupCursor = z.infer<typeof lookupCursor>;

/** Null for what is none: a source that had a bucket before, or has one now, begins anew; what the log has already is passed over. */
export function parseLookupCursor(cursor: unknown): LookupCursor | null {
  return lookupCursor.safeParse(cursor).data ?? null;
}
