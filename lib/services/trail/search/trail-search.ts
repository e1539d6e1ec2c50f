import { z } from "zod";
import { parseWindows, writeWindows } from "#lib/domain/trail/change-window.ts";
import { MOST_TEXT_CHARACTERS } from "#lib/domain/trail/storable-event.ts";
import type { TrailQuery } from "#lib/services/trail/search/trail-view.ts";

/** As long as what an event may have there, so that its links find it. */
const field = z.string().trim().min(1).max(MOST_TEXT_CHARACTERS).nullable().default(null);
const text = z.string().trim().min(1).max(500).nullable().default(null);
const instant = z.iso.datetime().nullable().default(null);

/** A search of the trail as it is kept and sent: instants are ISO 8601 in UTC, null = whatever. */
export const TRAIL_SEARCH = z.strictObject({
  text,
  actor: field,
  person: field,
  action: field,
  verbClass: z.enum(["read", "write", "admin", "change"]).nullable().default(null),
  outcome: z.enum(["success", "failure", "denied"]).nullable().default(null),
  resource: field,
  accountId: field,
  clusterKey: field,
  namespace: field,
  sourceKey: field,
  /** `[from, to)`. */
  from: instant,
  to: instant,
  // What came later is left out where it is not asked for, so that older reports stay what they are to the byte.
  mfa: z.enum(["yes", "no"]).optional(),
  sourceAddress: z.string().trim().min(1).max(MOST_TEXT_CHARACTERS).optional(),
  /** As writeWindows of lib/domain/trail/change-window.ts has it, so that a search means the same once the settings are others. */
  outside: z
    .string()
    .max(1_000)
    .refine((written) => parseWindows(written) !== null, "must be change windows")
    .optional(),
});

export type TrailSearch = z.output<typeof TRAIL_SEARCH>;

export function queryOfSearch(search: TrailSearch): TrailQuery {
  const { from, to, mfa = null, sourceAddress = null, outside, ...fields } = search;
  const windows = outside === undefined ? null : parseWindows(outside);
  return {
    ...fields,
    sourceAddress,
    mfa,
    outside: windows,
    from: from === null ? null : new Date(from),
    to: to === null ? null : new Date(to),
  };
}

export function searchOfQuery({ from, to, mfa, sourceAddress, outside, ...fields }: TrailQuery): TrailSearch {
  const more = {
    ...(mfa === null ? {} : { mfa }),
    ...(sourceAddress === null ? {} : { sourceAddress }),
    ...(outside === null ? {} : { outside: writeWindows(outside) }),
  };
  return { ...fields, ...more, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
}

/** A search for everything. */
export const ANYTHING: TrailQuery = queryOfSearch(TRAIL_SEARCH.parse({}));
