import type { StayingNames } from "#lib/services/trail/people/find-person.ts";

/** Rows of a table in which a name stands. Of them `waits` keep it for as long as one of `holds` lasts, as they may tell of what is held. */
export type TextsOfTable = { table: string; rows: number; waits: number; holds: number[] };

/** Where a person is in the trail, as far as the entries were gone through. */
export type PseudonymPreview = {
  person: string;
  /** All names that are looked for. */
  names: string[];
  pseudonym: string;
  /** There is a legal hold on the person: an order is refused. */
  isHeld: boolean;
  sources: { sourceKey: string; own: number; named: number }[];
  /** Of those, what a hold keeps. */
  held: number;
  /** Of those, entries that say what was dropped, held or pseudonymised: they keep their names. */
  kept: number;
  /** Events in which a name stays whatever is ordered. */
  staying: StayingNames;
  /** How this person's events call who acted, without any of the names: further names, perhaps. */
  otherNames: string[];
  /** Texts beside the log that were made of it, by table. */
  tables: TextsOfTable[];
  /** Entries of the log that were gone through, of all. */
  entries: number;
  of: number;
  /** Where the next call goes on; null = the whole log was gone through. */
  next: number | null;
};

/** How far an order came. */
export type PseudonymOrder = {
  order: string;
  pseudonym: string;
  /** Events whose record this call took away. */
  changed: number;
  held: number;
  kept: number;
  /** Events in which a name stays all the same. */
  staying: StayingNames;
  /** Events that are not what was logged, and were left as they are. */
  damaged: number;
  /** Texts beside the log; null = not yet. */
  tables: TextsOfTable[] | null;
  next: number | null;
  of: number;
};
