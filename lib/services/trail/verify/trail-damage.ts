import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";

/**
 * One way in which the log, what was kept of it elsewhere or what was made of it is not what it was. `seq` is null where it is about no entry, or about more than
 * can be told. "index": what searches find entries by; "activity": Bursar's own log; "derived": change requests, and who made and used what.
 */
export type TrailDamage = {
  kind: "missing" | "altered" | "added" | "tree" | "head" | "stamp" | "index" | "activity" | "derived";
  seq: number | null;
  message: string;
};

/** Entries of the log that follow each other, as they were held to their leaves. */
export type CheckedRange = {
  /** The first entry, and the one after the last. */
  from: number;
  to: number;
  /** Those that are what the log says: whole, or what it says is left of them. */
  sound: StoredEvent[];
  /** Those that are damage themselves, of which nothing more is said. */
  damaged: ReadonlySet<number>;
};

/** Something that was made of the log's entries, and is held to them in their order. */
export type DerivedCheck = {
  pass(range: CheckedRange): Promise<void>;
  /** After the last of so many entries. */
  end(entries: number): Promise<void>;
};

/** More are counted, not listed: a log that was put in another order differs everywhere. */
const MOST_LISTED = 1_000;

export type Findings = ReturnType<typeof listFindings>;

export function listFindings() {
  const damages: TrailDamage[] = [];
  let notListed = 0;
  return {
    add(damage: TrailDamage): void {
      if (damages.length < MOST_LISTED) damages.push(damage);
      else notListed++;
    },
    /** Whether one more would only be counted. */
    isFull: () => damages.length >= MOST_LISTED,
    list: () => ({ damages, notListed }),
  };
}

/** What was found of the log, then what was found of what is made of it: who has changed the one has left the other as it was. */
export function listTogether(...found: readonly Findings[]): { damages: TrailDamage[]; notListed: number } {
  const damages = found.flatMap((findings) => findings.list().damages);
  const notListed = found.reduce((sum, findings) => sum + findings.list().notListed, 0);
  const listed = damages.slice(0, MOST_LISTED);
  return { damages: listed, notListed: notListed + damages.length - listed.length };
}
