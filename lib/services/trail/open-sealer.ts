import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { toColumns } from "#lib/services/trail/event-columns.ts";
import { indexTerms, type BatchTerms } from "#lib/services/trail/index-terms.ts";
import { sealStorable, sha256, tellMerkleTook, type SealedEvents } from "#lib/services/trail/seal-events.ts";
import type { SealAnswer, SealRequest } from "#lib/services/trail/seal-thread.ts";

/** Events with their seals, and their terms. */
export type SealedBatch = SealedEvents & { terms: BatchTerms };

/** Of fewer it takes longer to start a thread than to seal them here. */
const WORTH_A_THREAD = 2_000;
/** What becomes of a batch lives for as long as it is worked on; a small nursery would be swept several times meanwhile. */
const NURSERY_MB = 96;

/**
 * Seals batches of events, the large ones in a thread of its own, so that reading the next and writing the last go on meanwhile. One batch at a time. Whoever opens
 * it closes it.
 */
export function openSealer(receivedAt: Date): {
  seal(events: readonly TrailEvent[]): Promise<SealedBatch>;
  close(): Promise<void>;
} {
  let thread: Worker | null = null;
  return {
    async seal(events) {
      const storable = events.map(storableEvent);
      if (thread === null && events.length < WORTH_A_THREAD)
        return {
          events: storable,
          receivedAt,
          seals: sealStorable(storable, receivedAt),
          terms: indexTerms(sha256, storable),
        };
      thread ??= new Worker(join(import.meta.dirname, "seal-thread.ts"), {
        resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
      });
      const columns = toColumns(storable);
      const request: SealRequest = { columns, receivedAt: receivedAt.getTime() };
      const answered = once(thread, "message");
      thread.postMessage(request, [columns.bodies.buffer]);
      const [answer] = (await answered) as [SealAnswer];
      tellMerkleTook(answer.merkleMs);
      return { events: storable, receivedAt, seals: answer.seals, terms: answer.terms };
    },
    async close() {
      await thread?.terminate();
    },
  };
}
