import fc from "fast-check";
import { expect, test } from "vitest";
import {
  dayOf,
  EVERY_EVENT,
  TERM_FIELD_NAMES,
  termHash,
  termsOfValue,
  type TermSource,
} from "#lib/domain/trail/event-terms.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import { keepClassOf, keepTerm } from "#lib/domain/trail/retention.ts";
import { createTermIndex, indexTerms, type BatchTerms } from "#lib/services/trail/append/index-terms.ts";
import { createTermMemory } from "#lib/services/trail/append/term-memory.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";

type Dated = TermSource & { occurredAt: Date };

/** Few, so that values, their parts and their words meet again and again, within an event and in others. */
const name = fc.constantFrom("claims", "Claims-prod", "s3.amazonaws.com", "a_1", "ÜBER", "-x-", "x".repeat(600), "::");
const value = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const event = fc.record({
  occurredAt: fc.integer({ min: 0, max: 3 }).map((day) => new Date(day * 86_400_000 + 5)),
  actor: value,
  action: fc.oneof(value, fc.constant("signin.amazonaws.com:ConsoleLogin")),
  verbClass: fc.constantFrom("read", "write", "admin"),
  outcome: fc.constantFrom("success", "denied"),
  resource: fc.oneof(value, fc.constant("")),
  accountId: fc.option(value),
  clusterKey: fc.option(value),
  namespace: fc.option(value),
  sourceKey: fc.constantFrom("bursar", "trail"),
  person: fc.option(value),
  mfa: fc.constantFrom(null, "yes", "no"),
}) as fc.Arbitrary<Dated>;

/** What each event is found by, taken apart by itself. */
function expectedOf(events: readonly Dated[]) {
  const found = new Map<string, number[]>();
  const words = new Set<string>();
  for (const [index, one] of events.entries()) {
    const terms = new Set([EVERY_EVENT, keepTerm(keepClassOf(one))]);
    for (const field of TERM_FIELD_NAMES) {
      const own = one[field];
      if (own === null) continue;
      const { field: whole, words: of } = termsOfValue(field, own);
      for (const term of [whole, ...of]) terms.add(term);
      for (const word of of) words.add(word);
    }
    for (const term of terms) {
      const key = `${dayOf(one.occurredAt)} ${termHash(sha256Hex, term)}`;
      found.set(key, [...(found.get(key) ?? []), index]);
    }
  }
  return { found, words };
}

function foundIn({ terms, days, ends, indexes }: BatchTerms): Map<string, number[]> {
  return new Map(
    Array.from(terms, (term, n) => [`${days[n]} ${term}`, [...indexes.subarray(ends[n - 1] ?? 0, ends[n])]]),
  );
}

test("a batch is indexed by all that its events are found by, whatever other batches had", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      const { found, words } = expectedOf(events);
      const indexed = indexTerms(sha256Hex, events);
      expect(foundIn(indexed)).toEqual(found);
      expect(indexed.terms.length).toBe(found.size);
      expect(new Set(indexed.words)).toEqual(words);
      expect(indexed.words.length).toBe(words.size);
    }),
  );
});

test("words that somebody chose for their common hash are one term, which an event has once", () => {
  // Two words of one hash are found within seconds; here those of the letters are.
  const colliding: Sha256Hex = (data) =>
    sha256Hex(
      Buffer.from(data)
        .toString()
        .replaceAll(/^(alpha|omega)$/g, "one"),
    );
  const names = {
    outcome: "success" as const,
    person: null,
    mfa: null,
    accountId: null,
    clusterKey: null,
    namespace: null,
  };
  const one = { ...names, action: "get", verbClass: "read", sourceKey: "trail", occurredAt: new Date(5) } as const;
  const events = ["alpha/omega", "omega", "else"].map((resource) => ({ ...one, actor: "somebody", resource }));
  const index = createTermIndex(colliding, createTermMemory(colliding));
  index.add(events);
  const { words, ...lists } = index.finish();
  const found = foundIn({ words, ...lists });
  expect(found.get(`0 ${termHash(colliding, "alpha")}`)).toEqual([0, 1]);
  expect(lists.terms.length).toBe(found.size);
  expect(words).toEqual(expect.arrayContaining(["alpha", "omega"]));
});

test("terms stand in the order of their hashes, and each in that of its days", () => {
  const [one] = fc.sample(event, { seed: 7, numRuns: 1 }) as [Dated];
  const events = Array.from({ length: 600 }, (_, n) => ({
    ...one,
    actor: `person ${n % 300}`,
    occurredAt: new Date(((n * 7) % 5) * 86_400_000),
  }));
  const { terms, days } = indexTerms(sha256Hex, events);
  expect(terms.length).toBeGreaterThan(600);
  const keys = Array.from(terms, (term, n) => [term, days[n] ?? 0] as const);
  expect(keys).toEqual(keys.toSorted(([a, on], [b, other]) => a - b || on - other));
});
