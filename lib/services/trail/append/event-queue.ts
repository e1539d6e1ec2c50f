import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";

export type EventQueue = {
  /**
   * Takes a place for `bytes` that are about to be read. Call the returned function once they are not held any more.
   * @throws AppError "throttled" where the queue is full.
   */
  admit(bytes: number): () => void;
  /** Resolves once the events are committed, rejects with what kept them from it. */
  submit(events: readonly TrailEvent[]): Promise<void>;
};

export type QueueLimits = {
  /** Of requests that are read or wait. */
  mostBytes: number;
  /** Of one append; the last request may go beyond. */
  groupEvents: number;
};

type Waiting = { events: readonly TrailEvent[]; done: () => void; failed: (reason: unknown) => void };

/**
 * Events that arrive in many small requests, appended in few large transactions: whatever has come while one append is under way is the next
 * one's group. Nobody waits for a clock, and the log's one writer never competes with itself.
 */
export function createEventQueue(
  append: (events: readonly TrailEvent[]) => Promise<void>,
  { mostBytes, groupEvents }: QueueLimits,
): EventQueue {
  let heldBytes = 0;
  let isAppending = false;
  const waiting: Waiting[] = [];

  async function work(): Promise<void> {
    if (isAppending) return;
    isAppending = true;
    for (let group = takeGroup(waiting, groupEvents); group.length > 0; group = takeGroup(waiting, groupEvents))
      try {
        await append(group.flatMap(({ events }) => events));
        for (const { done } of group) done();
      } catch (thrown) {
        for (const { failed } of group) failed(thrown);
      }
    isAppending = false;
  }

  return {
    admit(bytes) {
      // One request alone is always let in, however large it may be.
      if (heldBytes > 0 && heldBytes + bytes > mostBytes)
        throw new AppError("throttled", "More events are waiting than are kept in memory.", {
          remedy: "Send them again in a moment.",
        });
      heldBytes += bytes;
      let isHeld = true;
      return () => {
        if (isHeld) heldBytes -= bytes;
        isHeld = false;
      };
    },
    submit: (events) =>
      new Promise((done, failed) => {
        waiting.push({ events, done, failed });
        void work();
      }),
  };
}

function takeGroup(waiting: Waiting[], groupEvents: number): Waiting[] {
  let count = 0;
  const size = waiting.findIndex(({ events }) => (count += events.length) >= groupEvents);
  return waiting.splice(0, size === -1 ? waiting.length : size + 1);
}
