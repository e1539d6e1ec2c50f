import type { Actor } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { refreshCounts } from "#lib/db/sprawl/refresh-counts.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import {
  DEFAULT_SPRAWL_QUERY,
  OWNER_STRENGTHS,
  type NamespacePage,
  type SprawlQuery,
} from "#lib/services/sprawl/sprawl-view.ts";
import {
  bound,
  millisecondsOf,
  quantile,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { later, openWorkshop } from "#test/bench/workshop.ts";

const CLIENTS = 16;
const POOL_SIZE = 10;
const P95_LIMIT_MS = 100;
/** Each client asks every kind of question this often, while the others ask others. */
const ROUNDS = 12;

const NAMESPACES = 100_000;
/** Of fewer, not every question would have an answer. */
const LEAST_NAMESPACES = 2_000;
const CLUSTERS = 50;
const TEAMS = 200;
/** The largest, which are asked about. */
const ASKED_TEAMS = 50;
/** A team's namespaces are on this many of the clusters. */
const CLUSTERS_PER_TEAM = 8;
/** Each cluster was looked at every hour of this many days. */
const LOOK_DAYS = 90;

const PLATFORM: Actor = { id: "platform@example.com", name: "Platform", role: "platform", teamKey: null };
const NOW = new Date("2026-11-05T00:00:00Z");
const APPS = ["checkout", "invoice", "search", "ledger", "mailer", "catalog", "gateway", "report", "batch", "sandbox"];

type Kind = {
  name: string;
  /** The question for a turn: clients ask about different teams and words, as people do. */
  queryOf: (turn: number) => Partial<SprawlQuery>;
  isRight: (page: NamespacePage, query: SprawlQuery) => boolean;
};

const KINDS: readonly Kind[] = [
  { name: "first page", queryOf: () => ({}), isRight: ({ rows }) => rows.length === DEFAULT_SPRAWL_QUERY.limit },
  {
    name: "by team",
    queryOf: (turn) => ({ teams: [`team-${(turn * 37) % ASKED_TEAMS}`] }),
    isRight: ({ rows }, { teams }) => rows.length > 0 && rows.every(({ owner }) => owner.team?.key === teams[0]),
  },
  {
    name: "by owner strength",
    queryOf: (turn) => ({ strengths: [OWNER_STRENGTHS[turn % OWNER_STRENGTHS.length] ?? "none"] }),
    isRight: ({ rows }, { strengths }) => rows.length > 0 && rows.every(({ owner }) => owner.strength === strengths[0]),
  },
  {
    // In turn a word that thousands of names hold, and a number that dozens hold.
    name: "search",
    queryOf: (turn) => ({
      search: turn % 2 === 0 ? (APPS[turn % APPS.length] ?? "") : `-${100 + ((turn * 13) % 900)}`,
    }),
    isRight: ({ rows }, { search }) => rows.length > 0 && rows.every(({ name }) => name.includes(search)),
  },
  {
    name: "page 50",
    queryOf: () => ({ offset: 49 * DEFAULT_SPRAWL_QUERY.limit }),
    isRight: ({ rows, total, offset }) =>
      rows.length === Math.min(DEFAULT_SPRAWL_QUERY.limit, Math.max(0, total - offset)),
  },
  {
    name: "by name",
    queryOf: (turn) => ({ sort: "name", descending: turn % 2 === 0 }),
    isRight: ({ rows }) => rows.length === DEFAULT_SPRAWL_QUERY.limit,
  },
];

export const sprawl: Measure = {
  name: "kubernetes-list",
  about: "pages of the list of 100,000 namespaces over 50 clusters, asked for by 16 clients at once, p95",
  run: measureSprawl,
};

async function measureSprawl({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const database = openDatabase(await workshop.createDatabase("sprawl"), { max: POOL_SIZE });
    const close = later(() => database.close());
    const namespaces = Math.max(LEAST_NAMESPACES, Math.round(NAMESPACES * scale));
    await makeNamespaces(database, namespaces);
    await askAll(database, 1);
    const durations = await askAll(database, ROUNDS);
    for (const [index, { name }] of KINDS.entries()) {
      const own = durations[index] ?? [];
      note(
        `kubernetes-list: ${name}: median ${quantile(own, 0.5).toFixed(1)} ms, p95 ${quantile(own, 0.95).toFixed(1)} ms, ${own.length} questions`,
      );
    }
    await close();
    return [bound("kubernetes-list", "ms", quantile(durations.flat(), 0.95), P95_LIMIT_MS)];
  } finally {
    await workshop.close();
  }
}

/** Durations of single questions by kind. Every client asks all kinds in turn, each beginning with another one. */
async function askAll(database: Database, rounds: number): Promise<number[][]> {
  const durations = KINDS.map((): number[] => []);
  const client = async (number: number) => {
    for (let count = 0; count < rounds * KINDS.length; count += 1) {
      const index = (number + count) % KINDS.length;
      const kind = KINDS[index];
      if (kind) durations[index]?.push(await ask(database, kind, number * rounds * KINDS.length + count));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return durations;
}

async function ask(database: Database, { name, queryOf, isRight }: Kind, turn: number): Promise<number> {
  const query = { ...DEFAULT_SPRAWL_QUERY, ...queryOf(turn) };
  const found: { page: NamespacePage | null } = { page: null };
  const took = await millisecondsOf(async () => {
    found.page = await listNamespaces({ actor: PLATFORM, database, now: NOW }, query);
  });
  if (found.page === null || !isRight(found.page, query))
    throw new Error(`${name}: the list answers something else than what was asked.`);
  return took;
}

/** Rows as publications leave them: teams of different sizes, most namespaces used and owned, a tenth without a bill. */
async function makeNamespaces({ pool }: Database, namespaces: number): Promise<void> {
  await pool.query(`
    INSERT INTO cluster (source_key, cluster_key, provider, seen_from)
      SELECT 'bench', 'cluster-' || c, 'eks', '2026-01-01' FROM generate_series(0, ${CLUSTERS - 1}) AS c;
    INSERT INTO cluster_look (source_key, cluster_key, at, outcome)
      SELECT 'bench', 'cluster-' || c, TIMESTAMPTZ '${NOW.toISOString()}' - h * interval '1 hour', 'complete'
      FROM generate_series(${LOOK_DAYS * 24}, 1, -1) AS h, generate_series(0, ${CLUSTERS - 1}) AS c;
    INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, source_key)
      SELECT 'team-' || t, 'Team ' || t, 'unit-' || t % 10, 'Unit ' || t % 10, '', '', 'bench' FROM generate_series(0, ${TEAMS - 1}) AS t`);
  // Hashes scatter what belongs to different clusters and teams over the table, as runs of years would.
  await pool.query(`
    INSERT INTO namespace_summary (cluster_key, uid, source_key, name, provider, created_at, first_seen_at, team_key, strength, confidence, origin,
      reasons, state, holds_data, quiet_since, pods, volumes, volumes_gib, load_balancers, currency, cost, cost_order)
    SELECT 'cluster-' || (team * 7 + i % ${CLUSTERS_PER_TEAM}) % ${CLUSTERS}, md5('uid' || i), 'bench',
      (ARRAY[${APPS.map((app) => `'${app}'`).join(", ")}])[1 + one % ${APPS.length}] || '-' || (ARRAY['dev', 'test', 'prod'])[1 + i % 3] || '-' || i,
      'eks', TIMESTAMPTZ '${NOW.toISOString()}' - (two % 900) * interval '1 day', '2026-01-01',
      CASE WHEN strength = 'none' THEN '' ELSE 'team-' || team END, strength, CASE WHEN strength = 'none' THEN NULL ELSE 'high' END,
      CASE WHEN strength = 'none' THEN NULL ELSE 'label' END,
      '["The label owner names the team.", "Two role bindings name people of the same team."]', state, false,
      CASE WHEN state IN ('unused', 'asleep') THEN TIMESTAMPTZ '${NOW.toISOString()}' - (30 + two % 90) * interval '1 day' END,
      two % 20, two % 3, (two % 3) * 20, two % 2, CASE WHEN two % 10 = 0 THEN NULL ELSE 'USD' END, cost, coalesce(cost, -1)
    FROM (
      SELECT i, one, two, (abs(one % 1000) * abs(one % 1000) / 5000)::int % ${TEAMS} AS team,
        (ARRAY['explicit', 'explicit', 'explicit', 'explicit', 'derived', 'derived', 'derived', 'weak', 'contested', 'none'])[1 + one / 1000 % 10] AS strength,
        (ARRAY['used', 'used', 'used', 'used', 'used', 'used', 'used', 'unused', 'asleep', 'unknown'])[1 + two / 1000 % 10] AS state,
        CASE WHEN two % 10 = 0 THEN NULL ELSE round(exp(two % 9000 / 1000.0)::numeric, 6) END AS cost
      FROM (SELECT i, hashtext('one' || i) & 2147483647 AS one, hashtext('two' || i) & 2147483647 AS two FROM generate_series(1, ${namespaces}) AS i) h
    ) n`);
  await refreshCounts(pool, null);
  await pool.query(
    "VACUUM (ANALYZE) namespace_summary, namespace_name, namespace_count, namespace_total, cluster_look, team_membership",
  );
}
