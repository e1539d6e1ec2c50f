import { subscribe } from "node:diagnostics_channel";
import { parentPort } from "node:worker_threads";
import { joined, toEvents, type EventColumns } from "#lib/services/trail/event-columns.ts";
import { indexTerms, type BatchTerms } from "#lib/services/trail/index-terms.ts";
import { MERKLE_CHANNEL, sealStorable, sha256 } from "#lib/services/trail/seal-events.ts";

/** What a thread of open-sealer.ts is asked for, and what it answers. Salts and leaves are of one length each, all in one piece. */
export type SealRequest = { columns: EventColumns; receivedAt: number };
export type SealAnswer = {
  salts: Uint8Array<ArrayBuffer>;
  leaves: Uint8Array<ArrayBuffer>;
  bodies: Uint8Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
  terms: BatchTerms;
  /** What of the time was the Merkle tree's. */
  merkleMs: number;
};

let merkleMs = 0;
subscribe(MERKLE_CHANNEL, (took) => (merkleMs += Number(took)));

parentPort?.on("message", ({ columns, receivedAt }: SealRequest) => {
  merkleMs = 0;
  const events = toEvents(columns);
  const sealed = sealStorable(events, new Date(receivedAt));
  const { bodies, ends } = joined(sealed.map(({ body }) => body));
  const { bodies: salts } = joined(sealed.map(({ salt }) => salt));
  const { bodies: leaves } = joined(sealed.map(({ leaf }) => leaf));
  const terms = indexTerms(sha256, events);
  const answer = { salts, leaves, bodies, ends, terms, merkleMs };
  const lists = [salts, leaves, bodies, ends, terms.terms, terms.days, terms.ends, terms.indexes];
  parentPort?.postMessage(
    answer,
    lists.map(({ buffer }) => buffer as ArrayBuffer),
  );
});
