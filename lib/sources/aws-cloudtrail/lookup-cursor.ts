import { z } from "zod";

/** What is known of a region that is looked up, from one look to the next. */
export const lookupCursor = z.strictObject({
  /** Until when everything was read. */
  lookedUpTo: z.iso.datetime(),
  /** The stretch that is being read, from its newest event to its oldest: its end, and how far down it was read. Null between two of them. */
  open: z.strictObject({ to: z.iso.datetime(), down: z.iso.datetime() }).nullable(),
});
export type LookupCursor = z.infer<typeof lookupCursor>;

/** A source that had no bucket before, or has none any more, begins anew; what the log has already is passed over. */
export function isLookupCursor(cursor: unknown): cursor is LookupCursor {
  return lookupCursor.safeParse(cursor).success;
}
