import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db/client.ts";
import { refreshCounts } from "#lib/db/sprawl/refresh-counts.ts";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import { DEFAULT_SPRAWL_QUERY, type SprawlQuery } from "#lib/services/sprawl/sprawl-view.ts";
import { createTestDatabase } from "#test/integration/db/database.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const NAMES = [
  "checkout",
  "checkout-dev",
  "check",
  "co",
  "a",
  "kitchen",
  "dev-tools",
  "devdev",
  "aaaa",
  "50-off",
  "Billing-API",
];
const UIDS = NAMES.map((_, index) => `${["dev", "0ab", "che"][index % 3]}${index}-uid`);

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await createTestDatabase());
  await database.pool.query(
    `INSERT INTO namespace_summary (cluster_key, uid, source_key, name, provider, first_seen_at, gone_at)
     SELECT 'one', uid, 'clusters', name, 'eks', $3::timestamptz, CASE WHEN name = 'kitchen' THEN $3::timestamptz END
     FROM unnest($1::text[], $2::text[]) AS n (name, uid)`,
    [NAMES, UIDS, NOW],
  );
  await refreshCounts(database.pool, null);
});
afterAll(() => drop?.());

const list = (query: Partial<SprawlQuery>) =>
  listNamespaces(
    { actor: COMMAND_LINE_ACTOR, database, now: NOW },
    { ...DEFAULT_SPRAWL_QUERY, sort: "name", descending: false, ...query },
  );

test.each([
  "checkout",
  "CHECK",
  "billing",
  "ing-Api",
  "pi",
  "che",
  "ch",
  "d",
  "dev",
  "dev0",
  "evd",
  "aaa",
  "aaaaa",
  "0ab",
  "uid",
  "a_a",
  "50%",
  "é",
  "éaé",
  "^de",
])("the search %o finds parts of names and beginnings of uids, whatever its length", async (search) => {
  const text = search.toLowerCase();
  const expected = NAMES.filter((name, index) => {
    const isMeant = name.toLowerCase().includes(text) || UIDS[index]?.startsWith(text) === true;
    return isMeant && name !== "kitchen";
  });
  const { rows, total } = await list({ search });
  expect(rows.map(({ name }) => name)).toEqual(expected.toSorted());
  expect(total).toBe(expected.length);
});

test("a page behind the last one has no rows and still says how many there are", async () => {
  expect(await list({ search: "dev", offset: 100 })).toEqual({ rows: [], total: 6, offset: 100 });
});
