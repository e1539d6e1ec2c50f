import { subscribe } from "node:diagnostics_channel";
import { parentPort } from "node:worker_threads";
import { toEvents, type EventColumns } from "#lib/services/trail/event-columns.ts";
import { indexTerms, type BatchTerms } from "#lib/services/trail/index-terms.ts";
import { MERKLE_CHANNEL, sealStorable, sha256, type Seals } from "#lib/services/trail/seal-events.ts";

/** What a thread of open-sealer.ts is asked for, and what it answers. */
export type SealRequest = { columns: EventColumns; receivedAt: number };
export type SealAnswer = {
  seals: Seals;
  terms: BatchTerms;
  /** What of the time was the Merkle tree's. */
  merkleMs: number;
};

let merkleMs = 0;
subscribe(MERKLE_CHANNEL, (took) => (merkleMs += Number(took)));

parentPort?.on("message", ({ columns, receivedAt }: SealRequest) => {
  merkleMs = 0;
  const events = toEvents(columns);
  const seals = sealStorable(events, new Date(receivedAt));
  const terms = indexTerms(sha256, events);
  const answer: SealAnswer = { seals, terms, merkleMs };
  const lists = [
    seals.salts,
    seals.leaves,
    seals.bodies,
    seals.ends,
    terms.terms,
    terms.days,
    terms.ends,
    terms.indexes,
  ];
  parentPort?.postMessage(
    answer,
    lists.map(({ buffer }) => buffer as ArrayBuffer),
  );
});
