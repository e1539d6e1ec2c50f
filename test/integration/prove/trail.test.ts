import { afterAll, beforeAll, expect, test } from "vitest";
import { holds } from "#demo/prove/measure.ts";
import { proveTrail } from "#demo/prove/trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own?.drop());

test("a damaged trail is read exactly, each damage is named and nothing else", { timeout: 120_000 }, async () => {
  const measures = await proveTrail(own, { hours: 50, filesAnHour: 2, seeds: ["small"] });
  expect(measures).toHaveLength(6);
  expect(measures.filter((measure) => !holds(measure))).toEqual([]);
});
