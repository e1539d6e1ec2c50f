import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "#lib/db/client.ts";
import { refreshCosts } from "#lib/db/sprawl/refresh-costs.ts";
import type { Actor } from "#lib/access/actor.ts";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import { toAmount, sum } from "#lib/domain/money.ts";
import { exportUnused } from "#lib/services/sprawl/export-unused.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import { readSprawl } from "#lib/services/sprawl/read-sprawl.ts";
import { readUnused } from "#lib/services/sprawl/read-unused.ts";
import {
  AGE_CLASSES,
  DEFAULT_SPRAWL_QUERY,
  NAMESPACE_SORTS,
  NAMESPACE_STATES,
  OWNER_STRENGTHS,
  type SprawlQuery,
} from "#lib/services/sprawl/sprawl-view.ts";
import { refreshCounts } from "#lib/db/sprawl/refresh-counts.ts";
import { createTestDatabase } from "#test/integration/db/database.ts";

const NAMESPACES = 100_000;
const CLUSTERS = 50;
const TEAMS = 80;
const NOW = new Date("2026-11-21T12:00:00Z");

let database: Database;
let drop: () => Promise<void>;

/** 100,000 rows as publications leave them, each told by its number. */
beforeAll(async () => {
  ({ database, drop } = await createTestDatabase());
  await database.pool.query(
    `INSERT INTO namespace_summary (cluster_key, uid, source_key, name, provider, created_at, first_seen_at, team_key, strength, confidence,
       reasons, state, quiet_since, pods, volumes, volumes_gib, load_balancers, currency, cost, cost_order)
     SELECT 'cluster-' || i % ${CLUSTERS}, 'uid-' || lpad(i::text, 6, '0'), 'clusters', 'team-' || i % ${TEAMS} || '-app-' || i, 'eks',
       $1::timestamptz - (i % 800) * interval '1 day', $1::timestamptz - interval '40 days',
       CASE WHEN i % 10 = 0 THEN '' ELSE 'team-' || i % ${TEAMS} END, (ARRAY['none','explicit','derived','weak','contested'])[1 + i % 5], 'high',
       '["a reason"]', (ARRAY['used','unused','asleep','unknown'])[1 + i % 4], $1::timestamptz - interval '31 days', i % 7, 0, 0, 0,
       CASE WHEN i % 3 = 0 THEN NULL WHEN i % 2 = 0 THEN 'EUR' ELSE 'USD' END, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 0.01 END,
       CASE WHEN i % 3 = 0 THEN -1 ELSE i * 0.01 END
     FROM generate_series(1, ${NAMESPACES}) AS i`,
    [NOW],
  );
  await refreshCounts(database.pool, null);
  await database.pool.query("ANALYZE namespace_summary, namespace_count");
}, 120_000);
afterAll(() => drop?.());

const context = (actor: Actor = COMMAND_LINE_ACTOR) => ({ actor, database, now: NOW });
const list = (query: Partial<SprawlQuery> = {}) => listNamespaces(context(), { ...DEFAULT_SPRAWL_QUERY, ...query });

describe("the list", () => {
  test.each(NAMESPACE_SORTS)("by %s has every row on one page only, whichever way", async (sort) => {
    for (const descending of [true, false]) {
      const filters = { clusters: ["cluster-7"], sort, descending, limit: 500 };
      const pages = [];
      for (const offset of [0, 500, 1_000, 1_500, 2_000]) pages.push(await list({ ...filters, offset }));
      const uids = pages.flatMap(({ rows }) => rows.map(({ uid }) => uid));
      expect(uids).toHaveLength(NAMESPACES / CLUSTERS);
      expect(new Set(uids).size).toBe(uids.length);
      expect(pages.map(({ total }) => total)).toEqual(pages.map(() => uids.length));
    }
  });

  test("the dearest first, the oldest first, and unknown costs last", async () => {
    expect((await list({ limit: 2 })).rows.map(({ cost }) => cost?.amount)).toEqual(["1000", "999.98"]);
    const oldest = await list({ sort: "age", limit: 1 });
    expect(oldest.rows[0]?.createdAt).toBe(new Date(NOW.getTime() - 799 * 86_400_000).toISOString());
    expect((await list({ offset: NAMESPACES - 1, limit: 1 })).rows[0]?.cost).toBeNull();
  });

  test.each<Partial<SprawlQuery>>([
    { teams: ["team-3"] },
    { teams: [""], states: ["unused"] },
    { strengths: ["weak", "none"], clusters: ["cluster-1", "cluster-2"] },
    { ages: ["days", "years"] },
    { search: "app-777" },
    { search: "UID-0999" },
    { search: "100%" },
    { providers: ["aks"] },
  ])("filtered by %o counts what it lists", async (filters) => {
    const { rows, total } = await list({ ...filters, limit: 500 });
    const counted = await database.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM namespace_summary t WHERE
         ($1::text[] = '{}' OR team_key = ANY($1)) AND ($2::text[] = '{}' OR cluster_key = ANY($2))
         AND ($3::text[] = '{}' OR strength = ANY($3)) AND ($4::text[] = '{}' OR state = ANY($4)) AND ($5::text[] = '{}' OR provider = ANY($5))
         AND ($6 = '' OR position($6 in name) > 0 OR starts_with(uid, $6))
         AND ($7::text[] = '{}' OR ($8::timestamptz - created_at < interval '30 days' AND 'days' = ANY($7))
           OR ($8::timestamptz - created_at >= interval '365 days' AND 'years' = ANY($7)))`,
      [
        filters.teams ?? [],
        filters.clusters ?? [],
        filters.strengths ?? [],
        filters.states ?? [],
        filters.providers ?? [],
        (filters.search ?? "").toLowerCase(),
        filters.ages ?? [],
        NOW,
      ],
    );
    expect(total).toBe(counted.rows[0]?.n);
    expect(rows).toHaveLength(Math.min(500, total));
  });

  test.each(["cost", "age", "pods"] as const)(
    "a search that thousands match has each on one page only, by %s",
    async (sort) => {
      const uids: string[] = [];
      for (let offset = 0; ; offset += 500) {
        const { rows, total } = await list({ search: "app-7", sort, offset, limit: 500 });
        expect(total).toBe(11_111);
        if (rows.length === 0) break;
        uids.push(...rows.map(({ uid }) => uid));
      }
      expect([uids.length, new Set(uids).size]).toEqual([11_111, 11_111]);
    },
  );

  test("answers a page of 100,000 quickly, whatever is asked", async () => {
    const queries: Partial<SprawlQuery>[] = [
      {},
      { offset: 5_000 },
      { teams: ["team-3"] },
      { states: ["unused"] },
      { sort: "name", descending: false },
      { clusters: ["cluster-9"], sort: "age" },
      { search: "app-777" },
    ];
    const times: number[] = [];
    for (let round = 0; round < 6; round += 1)
      for (const query of queries) {
        const started = performance.now();
        await list(query);
        times.push(performance.now() - started);
      }
    const slowest = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)];
    expect(slowest).toBeLessThan(process.env["CI"] ? 400 : 250);
  });
});

describe("groups", () => {
  test("of every dimension add up to the whole, counted from the rows or from the counts kept", async () => {
    for (const filters of [{}, { search: "app" }, { states: ["unused" as const] }, { ages: [...AGE_CLASSES] }]) {
      const { groups, page } = await readSprawl(context(), { ...DEFAULT_SPRAWL_QUERY, ...filters, limit: 1 });
      for (const own of Object.values(groups)) {
        expect(own.reduce((count, { namespaces }) => count + namespaces, 0)).toBe(page.total);
        const eur = own.flatMap(({ costs }) => costs.filter(({ currency }) => currency === "EUR"));
        const first = groups.clusters.flatMap(({ costs }) => costs.filter(({ currency }) => currency === "EUR"));
        expect(toAmount(sum(eur.map(({ amount }) => amount)))).toBe(toAmount(sum(first.map(({ amount }) => amount))));
      }
    }
  });

  test("coverage counts every namespace under one strength", async () => {
    const { coverage } = await readSprawl(context(), DEFAULT_SPRAWL_QUERY);
    expect(coverage.namespaces).toMatchObject({ total: NAMESPACES, ownedPercent: "80.0" });
    expect(OWNER_STRENGTHS.map((strength) => coverage.namespaces.byStrength[strength])).toEqual(
      OWNER_STRENGTHS.map(() => NAMESPACES / 5),
    );
  });

  test("the line of growth ends with what is there", async () => {
    const { growth } = await readSprawl(context(), DEFAULT_SPRAWL_QUERY);
    expect(growth.namespaces.at(-1)).toBe(NAMESPACES);
    expect(growth.days.at(-1)).toBe("2026-11-21");
    expect(growth.created.reduce((count, one) => count + one, 0)).toBe((NAMESPACES / 800) * 396);
  });
});

describe("what is unused", () => {
  const query = { ...DEFAULT_SPRAWL_QUERY, withAsleep: false };

  test("is listed by money, with what it costs together", async () => {
    const view = await readUnused(context(), { ...query, teams: ["team-1"] });
    expect(new Set(view.rows.map(({ state }) => state))).toEqual(new Set(["unused"]));
    expect(view.byTeam.map(({ key, namespaces }) => [key, namespaces])).toEqual([["team-1", view.total]]);
    const both = await readUnused(context(), { ...query, teams: ["team-1", "team-2"], withAsleep: true });
    expect(both.total).toBeGreaterThan(view.total);
  });

  test("is exported in whole, page by page, and the export is logged", async () => {
    const { total } = await readUnused(context(), { ...query, teams: ["team-1"] });
    const { body, fileName } = await exportUnused(context(), { ...query, teams: ["team-1"], limit: 1 }, "csv");
    const text = Buffer.from(body).toString();
    expect(fileName).toBe("unused-namespaces-2026-11-21.csv");
    expect(text.match(/uid-\d{6}/g)).toHaveLength(total);
    const { rows } = await database.pool.query(
      "SELECT after FROM activity WHERE action = 'unused-namespaces.exported' ORDER BY id DESC LIMIT 1",
    );
    expect(rows[0]?.after).toMatchObject({ rows: total, format: "csv" });
    await expect(exportUnused(context(), query, "csv")).rejects.toMatchObject({ code: "limit_reached" });
  });
});

test("costs of the newest 30 days are summed from the split bill, and counted again", async () => {
  const [row] = (await list({ clusters: ["cluster-11"], limit: 1, sort: "name", descending: false })).rows;
  const { rows } = await database.pool.query<{ id: number }>(
    `INSERT INTO cluster_split (cluster_key, day, currency, billed, effective, settings, inputs, notes, parts, split_at)
     VALUES ('cluster-11', '2026-11-20', 'EUR', 0, 0, '{}', '', '[]', '[]', now()) RETURNING id`,
  );
  const zero = Array.from({ length: 9 }, () => "0").join(", ");
  for (const [day, effective] of [
    ["2026-11-20", "1.5"],
    ["2026-10-22", "2.25"],
    ["2026-10-21", "100"],
  ])
    await database.pool.query(
      `INSERT INTO namespace_cost_day (split_id, cluster_key, day, currency, kind, namespace, namespace_uid, effective, billed,
         direct_billed, direct_effective, idle_billed, idle_effective, shared_billed, shared_effective, given_billed, given_effective, resources)
       VALUES ($1, 'cluster-11', $2, 'EUR', 'namespace', $3, $4, $5, ${zero}, '{}')`,
      [rows[0]?.id, day, row?.name, row?.uid, effective],
    );
  await refreshCosts(database.pool, "cluster-11");
  const page = await list({ clusters: ["cluster-11"], limit: 500 });
  expect(page.rows[0]).toMatchObject({ uid: row?.uid, cost: { currency: "EUR", amount: "3.75" } });
  expect(page.rows.filter(({ cost }) => cost !== null && cost.amount !== "0")).toHaveLength(1);
  expect(page.rows.filter(({ cost }) => cost === null)).toEqual([]);
  expect(NAMESPACE_STATES).toContain(page.rows[0]?.state);
});
