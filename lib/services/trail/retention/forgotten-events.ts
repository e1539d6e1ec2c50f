import { createHash } from "node:crypto";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { isSameHash } from "#lib/domain/merkle/tree-hash.ts";
import { eventLeaf, toHex } from "#lib/domain/trail/event-leaf.ts";
import { isNobody, rowText } from "#lib/domain/trail/forgetting.ts";
import { keepClassOf, SHORTEST_KEEP_MS } from "#lib/domain/trail/retention.ts";
import { holdBroken, type readLoggedHolds } from "#lib/services/trail/retention/logged-holds.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import type { LoggedForgetting } from "#lib/services/trail/retention/logged-forgettings.ts";

/** What was forgotten on one day under one rule or order, by entries of the log that are whole. */
export type ForgottenCount = { kind: LoggedForgetting["kind"]; rule: string; on: string; entries: number };

/**
 * Holds what is left of events to what the log says was taken from them. Leaves are shown in order (`pass`), so that the commitment of each entry
 * to its leaves is compared at the end. Of the first `published` events only entries among those count: whoever owns the database can append others.
 */
export function watchForgotten(
  forgettings: readonly LoggedForgetting[],
  holds: Awaited<ReturnType<typeof readLoggedHolds>>,
  published: number,
) {
  const states = forgettings.map((forgetting) => ({ forgetting, hash: createHash("sha256"), range: 0 }));
  const counts = new Map<string, ForgottenCount>();
  const excusedTooLate = new Set<number>();
  return {
    /** What the log says of the places from `from` on, as many as there are leaves: the newest entry counts. */
    pass(from: number, leaves: readonly Uint8Array[]): Map<number, LoggedForgetting> {
      const newest = new Map<number, LoggedForgetting>();
      excusedTooLate.clear();
      const to = from + leaves.length;
      for (const state of states)
        // Both go forward only, so that what was passed is not looked at again.
        for (; state.range < state.forgetting.ranges.length; state.range++) {
          const [first, end] = state.forgetting.ranges[state.range] ?? [0, 0];
          if (first >= to) break;
          for (let seq = Math.max(first, from); seq < Math.min(end, to); seq++) {
            state.hash.update(leaves[seq - from] ?? "");
            if (seq >= published || state.forgetting.seq < published) newest.set(seq, state.forgetting);
            else excusedTooLate.add(seq);
          }
          if (end > to) break;
        }
      return newest;
    },
    /** What is wrong with an event that has no record any more, as the end of a sentence; null = nothing. */
    wrongWith(event: StoredEvent, leaf: Uint8Array, told: LoggedForgetting | undefined): string | null {
      if (told === undefined && excusedTooLate.has(event.seq))
        return "has lost its record, and no published entry of the log says that it was dropped";
      const wrong = wrongWithRest(event, leaf, told);
      if (wrong !== null || told === undefined) return wrong;
      const hold = holdBroken(holds, event, told);
      if (hold !== null) return `was forgotten although ${hold} was on it, by the log's own word`;
      const on = told.at.toISOString().slice(0, 10);
      const key = `${on} ${told.rule}`;
      const count = counts.get(key) ?? { kind: told.kind, rule: told.rule, on, entries: 0 };
      counts.set(key, { ...count, entries: count.entries + 1 });
      return null;
    },
    /** Entries of the log whose commitment is not to the leaves that are there. */
    broken: () =>
      states
        .filter(({ forgetting, hash }) => hash.digest("hex") !== forgetting.leaves)
        .map(({ forgetting }) => forgetting),
    counts: () => [...counts.values()].toSorted((a, b) => a.on.localeCompare(b.on) || a.rule.localeCompare(b.rule)),
  };
}

/** What is wrong with what is left of an event, by the newest entry of the log that says it was forgotten; null = nothing. */
export function wrongWithRest(event: StoredEvent, leaf: Uint8Array, told: LoggedForgetting | undefined): string | null {
  if (told === undefined) return "has lost its record, and no entry of the log says that it was dropped";
  const { commitments, body, salt } = event;
  if (commitments === null || body !== null || salt !== null) return "is neither whole nor dropped";
  const row = told.rows[String(event.seq)];
  const isLeft =
    row === undefined
      ? told.kind === "retention" && isSameHash(leaf, eventLeaf(sha256, event, commitments))
      : toHex(sha256(new TextEncoder().encode(rowText(event, commitments)))) === row;
  if (!isLeft) return "is not what was left of it";
  if (told.kind === "pseudonym") return null;
  if (!isNobody(event)) return "names somebody, although its record was dropped";
  const before = told.before === null ? null : new Date(told.before);
  // Nothing can be configured to be kept for less, whatever an entry says of its rule.
  const isPossible = before !== null && told.at.getTime() - before.getTime() >= SHORTEST_KEEP_MS;
  const isDue = isPossible && event.occurredAt < before;
  return isDue && keepClassOf(event) === told.keepClass ? null : "was dropped before its time was over";
}
