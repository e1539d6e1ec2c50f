import { z } from "zod";
import type { TrailQuery } from "#lib/services/trail/trail-view.ts";

const text = z.string().trim().min(1).max(500).nullable().default(null);
const instant = z.iso.datetime().nullable().default(null);

/** A search of the trail as it is kept and sent: instants are ISO 8601 in UTC, null = whatever. */
export const TRAIL_SEARCH = z.strictObject({
  text,
  actor: text,
  person: text,
  action: text,
  verbClass: z.enum(["read", "write", "admin"]).nullable().default(null),
  outcome: z.enum(["success", "failure", "denied"]).nullable().default(null),
  resource: text,
  accountId: text,
  clusterKey: text,
  namespace: text,
  sourceKey: text,
  /** `[from, to)`. */
  from: instant,
  to: instant,
});

export type TrailSearch = z.output<typeof TRAIL_SEARCH>;

export function queryOfSearch(search: TrailSearch): TrailQuery {
  const { from, to, ...fields } = search;
  return { ...fields, from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) };
}

export function searchOfQuery({ from, to, ...fields }: TrailQuery): TrailSearch {
  return { ...fields, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
}
