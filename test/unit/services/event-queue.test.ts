import { describe, expect, test } from "vitest";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { createEventQueue } from "#lib/services/trail/append/event-queue.ts";
import { auditEventText } from "#test/unit/sources/kubernetes-audit/audit-event-text.ts";
import { parseAuditEvent } from "#lib/sources/kubernetes-audit/parse-events.ts";

const NOW = new Date("2026-03-02T00:00:00Z");
const eventsOf = (count: number): TrailEvent[] =>
  Array.from({ length: count }, (_, n) =>
    parseAuditEvent({ sourceKey: "audit", clusterKey: "one" }, auditEventText({ auditID: `${n}` }), {
      row: 1,
      now: NOW,
    }),
  );

/** A queue whose appends end when the test says so. */
function opened() {
  const appended: { count: number; end: (failure?: Error) => void }[] = [];
  const queue = createEventQueue(
    (events) =>
      new Promise((resolve, reject) => {
        appended.push({ count: events.length, end: (failure) => (failure ? reject(failure) : resolve()) });
      }),
    { mostBytes: 100, groupEvents: 4 },
  );
  return { queue, appended };
}

describe("the queue of events", () => {
  test("appends what came meanwhile as one group, and answers each once its group is in", async () => {
    const { queue, appended } = opened();
    const first = queue.submit(eventsOf(1));
    const others = [queue.submit(eventsOf(2)), queue.submit(eventsOf(2)), queue.submit(eventsOf(3))];
    expect(appended.map(({ count }) => count)).toEqual([1]);
    appended[0]?.end();
    await first;
    expect(appended.map(({ count }) => count)).toEqual([1, 4]);
    appended[1]?.end();
    await Promise.all(others.slice(0, 2));
    expect(appended.map(({ count }) => count)).toEqual([1, 4, 3]);
    appended[2]?.end();
    await others[2];
  });

  test("tells everybody of a group that could not be appended, and goes on", async () => {
    const { queue, appended } = opened();
    const failing = queue.submit(eventsOf(1));
    const next = queue.submit(eventsOf(1));
    appended[0]?.end(new Error("the database went away"));
    await expect(failing).rejects.toThrow("went away");
    appended[1]?.end();
    await next;
  });

  test("refuses more than it may hold until something has left", () => {
    const { queue } = opened();
    const release = queue.admit(80);
    expect(() => queue.admit(30)).toThrow(expect.objectContaining({ code: "throttled" }));
    release();
    release();
    const large = queue.admit(500);
    expect(() => queue.admit(1)).toThrow(expect.objectContaining({ code: "throttled" }));
    large();
    queue.admit(100);
  });
});
