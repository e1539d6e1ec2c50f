import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { toColumns } from "#lib/services/trail/append/event-columns.ts";
import { indexTerms, type BatchTerms } from "#lib/services/trail/append/index-terms.ts";
import {
  joinSeals,
  sealEvents,
  tellMerkleTook,
  type SealedEvents,
  sha256Hex,
} from "#lib/services/trail/append/seal-events.ts";
import type { SealAnswer, SealRequest, TermsAnswer } from "#lib/services/trail/append/seal-thread.ts";

/** Events with their seals, and their terms. */
export type SealedBatch = SealedEvents & { terms: BatchTerms };

/** Of fewer it takes longer to start a thread than to seal them here. */
const WORTH_A_THREAD = 2_000;
/** Events that go to the thread at once: what it makes of them is mostly gone again before its nursery is swept. */
const PART_EVENTS = 1_000;
const NURSERY_MB = 96;

/**
 * Seals batches of events, the large ones in a thread of its own, so that reading the next and writing the last go on meanwhile. One batch at a time. Whoever opens
 * it closes it.
 */
export function openSealer(receivedAt: Date): {
  seal(events: readonly TrailEvent[]): Promise<SealedBatch>;
  close(): Promise<void>;
} {
  let thread: SealThread | null = null;
  return {
    async seal(events) {
      if (thread === null && events.length < WORTH_A_THREAD) return sealHere(events, receivedAt);
      thread ??= startThread();
      const storable: TrailEvent[] = [];
      const sealed: Promise<SealAnswer>[] = [];
      for (let first = 0; first < events.length; first += PART_EVENTS) {
        const part = events.slice(first, first + PART_EVENTS).map((event) => storableEvent(sha256Hex, event));
        storable.push(...part);
        const asked = thread.seal({ columns: toColumns(part), receivedAt: receivedAt.getTime() });
        // Whoever waits for all of them is told.
        asked.catch(() => undefined);
        sealed.push(asked);
        // The batch before it is on its way to the database.
        await setImmediate();
      }
      const [parts, { terms }] = await Promise.all([Promise.all(sealed), thread.terms()]);
      for (const { merkleMs } of parts) tellMerkleTook(merkleMs);
      return { events: storable, seals: joinSeals(parts.map(({ seals }) => seals)), terms };
    },
    async close() {
      await thread?.close();
    },
  };
}

function sealHere(events: readonly TrailEvent[], receivedAt: Date): SealedBatch {
  const sealed = sealEvents(events, receivedAt);
  return { ...sealed, terms: indexTerms(sha256Hex, sealed.events) };
}

type SealThread = {
  seal(part: NonNullable<SealRequest>): Promise<SealAnswer>;
  /** Of all parts since it was asked last. */
  terms(): Promise<TermsAnswer>;
  close(): Promise<void>;
};
type Waiting = { done: (answer: unknown) => void; failed: (reason: unknown) => void };

/** It answers in the order in which it is asked. */
function startThread(): SealThread {
  const worker = new Worker(join(import.meta.dirname, "seal-thread.ts"), {
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
  });
  const waiting: Waiting[] = [];
  let end: Error | null = null;
  const fail = (reason: Error) => {
    end ??= reason;
    for (const { failed } of waiting.splice(0)) failed(end);
  };
  worker.on("message", (answer: unknown) => waiting.shift()?.done(answer));
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("The thread that seals events has ended.")));
  const ask = <Answer>(request: SealRequest, lists: ArrayBuffer[]): Promise<Answer> =>
    new Promise((done, failed) => {
      if (end !== null) return failed(end);
      worker.postMessage(request, lists);
      waiting.push({ done: (answer) => done(answer as Answer), failed });
    });
  return {
    seal: (part) => ask(part, [part.columns.bodies.buffer]),
    terms: () => ask(null, []),
    async close() {
      await worker.terminate();
    },
  };
}
