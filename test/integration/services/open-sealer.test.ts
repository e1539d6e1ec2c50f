import { expect, test } from "vitest";
import { commitTo, eventLeaf } from "#lib/domain/trail/event-leaf.ts";
import { indexTerms } from "#lib/services/trail/append/index-terms.ts";
import { openSealer } from "#lib/services/trail/append/open-sealer.ts";
import { leafOf, sha256, sha256Hex, type Seals } from "#lib/services/trail/append/seal-events.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import { eventOf } from "#test/integration/services/trail-workshop.ts";

const ARRIVED = new Date("2026-03-05T00:00:00Z");

/** The fields of an event's row in COPY's format, which begins with their number. */
function fieldsOf({ rows, ends }: Seals, n: number): (Buffer | null)[] {
  const row = Buffer.from(rows).subarray(ends[n - 1] ?? 0, ends[n]);
  const fields: (Buffer | null)[] = [];
  for (let at = 2; at < row.length;) {
    const length = row.readInt32BE(at);
    fields.push(length < 0 ? null : row.subarray(at + 4, at + 4 + length));
    at += 4 + Math.max(0, length);
  }
  expect(row.readInt16BE()).toBe(fields.length);
  return fields;
}

function saltOf(fields: readonly (Buffer | null)[]): Buffer {
  return fields.at(-1) ?? Buffer.alloc(0);
}

test("a large batch is sealed in a thread of its own, and each event is what it would be here", async () => {
  const sealer = openSealer(ARRIVED);
  try {
    for (const count of [3, 2_100, 2_000]) {
      const events = Array.from({ length: count }, (_, n) => eventOf(n));
      // What no database keeps becomes something that it does, before its leaf is computed.
      const [first] = events;
      if (first) first.resource = "half a \uD83D pair";
      const sealed = await sealer.seal(events);
      const { seals } = sealed;
      expect(sealed.events).toHaveLength(count);
      for (const [n, event] of sealed.events.entries()) {
        const [leaf, row] = [leafOf(seals, n), fieldsOf(seals, n)];
        const [salt, record] = [saltOf(row), unpackBody(row.at(-2) ?? new Uint8Array())];
        expect(row[3]?.toString()).toBe(event.sourceKey);
        expect(Buffer.from(record).equals(Buffer.from(events[n]?.body ?? []))).toBe(true);
        const should = eventLeaf(
          sha256,
          { ...event, receivedAt: ARRIVED },
          commitTo(sha256Hex, salt, { ...event, body: record }),
        );
        expect(Buffer.from(leaf).equals(Buffer.from(should))).toBe(true);
      }
      expect(sealed.events[0]?.resource).toBe("half a \uFFFD pair");
      expect(new Set(events.map((_, n) => Buffer.from(saltOf(fieldsOf(seals, n))).toString("hex"))).size).toBe(count);
      expect(sealed.terms).toEqual(indexTerms(sha256Hex, sealed.events));
    }
  } finally {
    await sealer.close();
  }
});
