import { leafText, personalOf, type Commitments, type LeafColumns } from "#lib/domain/trail/event-leaf.ts";
import type { KeepClass } from "#lib/domain/trail/retention.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/**
 * What an entry of Bursar's own log says of events whose records are kept no longer. It commits to which ones, by their places and the hashes of
 * their leaves, and to what is left of those whose columns do not make their leaf any more.
 */
export type Forgetting = {
  kind: "retention" | "pseudonym";
  /** In words: "read, kept 13 months", or the order's name. */
  rule: string;
  /** What it is by; null for an order. */
  keepClass: KeepClass | null;
  /** Events before it have reached their end; ISO 8601, null for an order. */
  before: string | null;
  entries: number;
  /** The places in the log, as rangesText writes them. */
  places: string;
  /** SHA-256 over the leaves' hashes in order, in hex. */
  leaves: string;
  /** By place: SHA-256 of rowText, in hex. */
  rows: Record<string, string>;
};

type PersonalColumns = Pick<TrailEvent, "actor" | "actorKind" | "person" | "teamKey" | "sourceAddress">;

/** What stands in the columns about a person once a record was dropped. */
export const NOBODY: PersonalColumns = {
  actor: "",
  actorKind: "unknown",
  person: null,
  teamKey: null,
  sourceAddress: null,
};

export function isNobody(columns: PersonalColumns): boolean {
  return JSON.stringify(personalOf(columns)) === JSON.stringify(personalOf(NOBODY));
}

/** Places in ascending order as text: "12+3,40" is 12, 13, 14 and 40. */
export function rangesText(places: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const place of places) {
    const last = ranges.at(-1);
    if (last && place === last[0] + last[1]) last[1]++;
    else ranges.push([place, 1]);
  }
  return ranges.map(([from, count]) => (count === 1 ? `${from}` : `${from}+${count}`)).join(",");
}

/** The ranges `[from, to)` that a text stands for; empty where it is none. */
export function parseRanges(text: string): [number, number][] {
  if (!/^\d+(\+\d+)?(,\d+(\+\d+)?)*$/.test(text)) return [];
  return text.split(",").map((range) => {
    const [from = 0, count = 1] = range.split("+").map(Number);
    return [from, from + count];
  });
}

/** What is left of an event, as a JSON array: what would be its leaf's, then the columns about a person. */
export function rowText(columns: LeafColumns & PersonalColumns, commitments: Commitments): string {
  const leaf = JSON.parse(leafText(columns, commitments)) as unknown[];
  return JSON.stringify([...leaf, ...personalOf(columns)]);
}
