import { subscribe } from "node:diagnostics_channel";
import { parentPort } from "node:worker_threads";
import { toEvents, type EventColumns } from "#lib/services/trail/append/event-columns.ts";
import { createTermIndex, type BatchTerms, type TermIndex } from "#lib/services/trail/append/index-terms.ts";
import { MERKLE_CHANNEL, sealStorable, type Seals, sha256Hex } from "#lib/services/trail/append/seal-events.ts";

/** What a thread of open-sealer.ts is asked for: part after part of a batch, and then, with null, the terms of all of it. */
export type SealRequest = { columns: EventColumns; receivedAt: number } | null;
/** What it answers to a part, and to null. `merkleMs`: what of the time was the Merkle tree's. */
export type SealAnswer = { seals: Seals; merkleMs: number };
export type TermsAnswer = { terms: BatchTerms };

let merkleMs = 0;
subscribe(MERKLE_CHANNEL, (took) => (merkleMs += Number(took)));
let index: TermIndex | null = null;

parentPort?.on("message", (request: SealRequest) => {
  if (request === null) answerTerms();
  else answerPart(request);
});

function answerPart({ columns, receivedAt }: NonNullable<SealRequest>): void {
  merkleMs = 0;
  index ??= createTermIndex(sha256Hex);
  const events = toEvents(columns);
  const seals = sealStorable(events, new Date(receivedAt));
  index.add(events);
  answer({ seals, merkleMs } satisfies SealAnswer, [seals.leaves, seals.rows, seals.ends]);
}

function answerTerms(): void {
  const terms = (index ?? createTermIndex(sha256Hex)).finish();
  index = null;
  answer({ terms } satisfies TermsAnswer, [terms.terms, terms.days, terms.ends, terms.indexes]);
}

/** The lists are handed over, not copied. */
function answer(message: SealAnswer | TermsAnswer, lists: readonly ArrayBufferView[]): void {
  parentPort?.postMessage(
    message,
    lists.map(({ buffer }) => buffer as ArrayBuffer),
  );
}
