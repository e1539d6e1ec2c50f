import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { startKubernetes } from "#demo/kubernetes/server.ts";
import { namespaceTruth, plannedClusters } from "#demo/estate/namespaces.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { clusterSourceOf } from "#demo/exports/cluster-source.ts";
import { CLUSTERS, pullEvery } from "#demo/prove/proved-clusters.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { migrate } from "#lib/db/migrate.ts";
import { addDays, type Day } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { prepareQueue } from "#lib/services/runs/queue.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { readUnused } from "#lib/services/sprawl/read-unused.ts";
import { DEFAULT_SPRAWL_QUERY, MOST_PAGE_ROWS } from "#lib/services/sprawl/sprawl-view.ts";

/** Days that the clusters are looked at, once a day: the window of 30 and some more. */
const DAYS = 35;
const WINDOW_DAYS = 30;
const REPLAY = "bursar_replay";

/**
 * The clusters are looked at day by day for five weeks, through the product's source and with the clock of each day. Every planted dormant
 * namespace is found within the window, and none of the traps, nor anything else, is proposed on any day. `clusters`: only these; all
 * where it is not given.
 */
export async function proveDormancy({
  estate,
  database,
  clusters = plannedClusters(estate).map(({ name }) => name),
}: Pick<ProvedEstate, "estate" | "database"> & { clusters?: readonly string[] }): Promise<Measure[]> {
  const truth = namespaceTruth(estate).filter(({ cluster }) => clusters.includes(cluster));
  const dormant = new Set(truth.filter((one) => one.dormant).map(({ uid }) => uid));
  const traps = new Map(truth.flatMap(({ uid, trap }) => (trap === null ? [] : [[uid, trap] as const])));
  const { today } = estate.calendar;
  const days = Array.from({ length: DAYS + 1 }, (_, index) => addDays(today, index - DAYS));
  const found = new Map<string, Day>();
  const wrong = new Set<string>();
  const lost = new Set<string>();
  await withReplay(database, { estate, clusters }, async (context, lookAt) => {
    for (const one of days) {
      await lookAt(one);
      const proposed = new Set((await readProposed(context(one))).map(({ uid }) => uid));
      for (const uid of proposed) {
        if (!dormant.has(uid)) wrong.add(`${traps.get(uid) ?? "in use"} ${uid} on ${one}`);
        else if (!found.has(uid)) found.set(uid, one);
      }
      for (const uid of found.keys()) if (!proposed.has(uid)) lost.add(`${uid} on ${one}`);
    }
  });
  const late = [...found].filter(([, one]) => one > addDays(days[0] ?? today, WINDOW_DAYS));
  const say = (measure: string, expected: string, text: string): Measure => ({
    promise: "dormancy",
    measure,
    expected,
    found: text,
  });
  return [
    say("planted dormant namespaces that are proposed", String(dormant.size), String(found.size)),
    say("of them found later than the window", "", late.map(([uid, one]) => `${uid} on ${one}`).join(", ")),
    say("of them proposed and taken back", "", [...lost].join(", ")),
    say(
      "proposed before the window was over",
      "",
      [...found]
        .filter(([, one]) => one < addDays(days[0] ?? today, WINDOW_DAYS))
        .map(([uid]) => uid)
        .join(", "),
    ),
    say("traps and used ones that were ever proposed", "", [...wrong].join(", ")),
    ...[...Map.groupBy(traps.values(), (trap) => trap)].map(([trap, own]) =>
      say(
        `trap ${trap}: proposed of ${own.length}`,
        "0",
        String([...wrong].filter((one) => one.startsWith(`${trap} `)).length),
      ),
    ),
  ];
}

async function readProposed(context: ServiceContext) {
  const view = await readUnused(context, { ...DEFAULT_SPRAWL_QUERY, withAsleep: false, limit: MOST_PAGE_ROWS });
  if (view.total > view.rows.length) throw new RangeError(`${view.total} namespaces are proposed: more than a page.`);
  return view.rows;
}

/** A database and a configuration of their own, so that the days of the replay are nobody else's. */
async function withReplay(
  { pool, url }: Database,
  { estate, clusters }: Pick<ProvedEstate, "estate"> & { clusters: readonly string[] },
  work: (context: (one: Day) => ServiceContext, lookAt: (one: Day) => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bursar-replay-"));
  const before = process.env["BURSAR_CONFIG"];
  await pool.query(`DROP DATABASE IF EXISTS ${REPLAY}`);
  await pool.query(`CREATE DATABASE ${REPLAY}`);
  const own = new URL(url);
  own.pathname = `/${REPLAY}`;
  await migrate(own.href);
  const database = openDatabase(own.href, { max: 4 });
  try {
    await prepareQueue(database);
    const kubeconfig = join(folder, "kubeconfig");
    process.env["BURSAR_CONFIG"] = join(folder, "bursar.yaml");
    await writeFile(
      join(folder, "bursar.yaml"),
      stringify({
        sources: {
          [CLUSTERS]: clusterSourceOf(estate, { kubeconfig, prometheusUrlOf: () => null }, { names: clusters }),
        },
      }),
    );
    const context = (one: Day): ServiceContext => ({ actor: SYSTEM_ACTOR, database, now: noonOf(one) });
    await syncSources(context(estate.calendar.today));
    await work(context, async (one) => {
      const server = await startKubernetes({ estate, clock: () => noonOf(one) });
      try {
        await server.writeKubeconfig(kubeconfig);
        await pullEvery(() => context(one), CLUSTERS, noonOf(one));
      } finally {
        await server.close();
      }
    });
  } finally {
    await database.close();
    if (before === undefined) delete process.env["BURSAR_CONFIG"];
    else process.env["BURSAR_CONFIG"] = before;
    await pool.query(`DROP DATABASE IF EXISTS ${REPLAY}`);
    await rm(folder, { recursive: true, force: true });
  }
}

function noonOf(one: Day): Date {
  return new Date(`${one}T12:00:00Z`);
}
