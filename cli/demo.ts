import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openProgress } from "#cli/progress.ts";
import type { TrailKey } from "#demo/aws/cloudtrail/service.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws } from "#demo/aws/server.ts";
import { startKubernetes } from "#demo/kubernetes/server.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { bringTrail } from "#demo/exports/trail-files.ts";
import { DEMO_SECRET_VARIABLE } from "#demo/exports/bursar-config.ts";
import { seedHistory } from "#demo/history/seed-history.ts";
import { splitRecent } from "#demo/history/split-recent.ts";
import { seedWaivers } from "#demo/seed-waivers.ts";
import { seedDemo } from "#demo/seed.ts";
import { startTimeStampAuthority } from "#demo/timestamps/authority.ts";
import { DEFAULT_SEED, deliverRestatement, writeEstate } from "#demo/write-estate.ts";
import { loadConfig } from "#lib/config.ts";
import type { Database } from "#lib/db/client.ts";
import { resolveHome } from "#lib/db/home.ts";
import { day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { enqueue } from "#lib/services/runs/queue.ts";

/** Months of bills, and the part of the resources and the money; the whole estate where they are not given. */
export type EstateSize = { months?: number; scale?: number };

export type Demo = {
  /** Rules, pools and the sign-in by choosing a person, before anything is loaded. */
  seed(database: Database): Promise<void>;
  /** Waits for the worker to load every slice, then has the restated month delivered again and waits for that. */
  waitUntilLoaded(database: Database, signal: AbortSignal): Promise<void>;
};

type Stoppable = { name: string; stop(): Promise<void>; ended: Promise<unknown> | null };

/** The certificates of the demo's time stamp authority, below the home. */
const AUTHORITY_FILE = "time-stamps.pem";
const POLL_MS = 300;
const LOAD_LIMIT_MS = 15 * 60_000;
/** CloudTrail itself writes about every five minutes. */
const TRAIL_EVERY_MS = 10 * 60_000;
const RESTATED_SOURCE = "aws-billing";

/** Writes the estate where it is not there yet and serves its buckets. */
export async function startDemo(parts: Stoppable[], size: EstateSize): Promise<Demo> {
  const home = resolveHome();
  process.env[DEMO_SECRET_VARIABLE] = DEMO_CREDENTIALS.secretAccessKey;
  const options = { seed: DEFAULT_SEED, today: day(new Date().toISOString().slice(0, 10)), ...size };
  const estate = createEstate(options);
  let restated = false;
  const trailKeys: TrailKey[] = [];
  const root = join(home, "estate", "s3");
  const aws = await startAws({ root, estate, trailKeys, version: () => (restated ? 2 : 1) });
  parts.push({ name: "the demo's AWS server", stop: () => aws.close(), ended: null });
  const kubernetes = await startKubernetes({ estate });
  parts.push({ name: "the demo's clusters", stop: () => kubernetes.close(), ended: null });
  const kubeconfig = join(home, "kubeconfig");
  const { prometheusUrlOf } = kubernetes;
  const authority = await startTimeStampAuthority();
  parts.push({ name: "the demo's time stamp authority", stop: () => authority.close(), ended: null });
  const summary = await writeEstate({
    ...options,
    home,
    estate,
    port: aws.port,
    clusters: { kubeconfig, prometheusUrlOf },
    compliance: true,
    trail: true,
    timestamps: authority.url,
  });
  // Each start has an authority of its own; what earlier ones stamped is still checked.
  await appendFile(join(home, AUTHORITY_FILE), authority.certificatePem);
  trailKeys.push(...(await bringTrail(home, estate, new Date())));
  parts.push(keepTrailGoing(home, estate));
  await kubernetes.writeKubeconfig(kubeconfig);
  restated = summary.restated;
  return {
    seed: async (database) => {
      await seedDemo(database, summary.estate);
      await seedHistory({ database, estate, now: new Date() }, kubeconfig);
      await kubernetes.writeKubeconfig(kubeconfig);
    },
    waitUntilLoaded: async (database, signal) => {
      await waitForRuns(database, signal);
      // A waiver is of a rule, and rules are known once a source has reported them.
      await seedWaivers(database, new Date());
      if (summary.restated) return splitRecent(database, estate, signal);
      await deliverRestatement(home, summary.estate);
      restated = true;
      const logicalTime = new Date().toISOString();
      const before = await plannedAt(database, RESTATED_SOURCE);
      await database.transact((transaction) =>
        enqueue(transaction, "plan-source", { sourceKey: RESTATED_SOURCE, trigger: "schedule", logicalTime }),
      );
      await waitForPlan(database, before, signal);
      await waitForRuns(database, signal);
      await splitRecent(database, estate, signal);
    },
  };
}

/** What the trail tells goes on for as long as the demo runs, so that nobody takes its end for a silence. */
function keepTrailGoing(home: string, estate: Estate): Stoppable {
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A file that could not be written now is in the next one.
    last = last.then(() => bringTrail(home, estate, new Date())).catch(() => undefined);
  }, TRAIL_EVERY_MS);
  const stop = async () => {
    clearInterval(timer);
    await last;
  };
  return { name: "the demo's trail", stop, ended: null };
}

type Standing = { unplanned: number; open: number; done: number; failed: number };

async function waitForRuns(database: Database, signal: AbortSignal): Promise<void> {
  const progress = openProgress({ quiet: false });
  const keys = Object.keys(loadConfig().sources);
  const deadline = Date.now() + LOAD_LIMIT_MS;
  while (Date.now() < deadline) {
    const { unplanned, open, done, failed } = await standing(database, keys);
    progress.show("Loading", { step: "the estate's periods", done, total: done + open + failed, unit: "periods" });
    if (unplanned === 0 && open === 0) return progress.clear();
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new AppError("limit_reached", "The demo's estate was not loaded within a quarter of an hour.");
}

async function standing(database: Database, keys: string[]): Promise<Standing> {
  const { rows } = await database.pool.query<Standing>(
    `SELECT (SELECT count(*)::int FROM unnest($1::text[]) AS wanted (key)
             WHERE NOT EXISTS (SELECT FROM source WHERE source.key = wanted.key AND (planned_at IS NOT NULL OR plan_error IS NOT NULL))) AS unplanned,
            (SELECT count(*)::int FROM run WHERE state IN ('queued', 'running', 'abandoned')) AS open,
            (SELECT count(*)::int FROM slice WHERE publication_id IS NOT NULL) AS done,
            (SELECT count(*)::int FROM slice WHERE publication_id IS NULL AND offered IS NOT NULL AND NOT EXISTS (
               SELECT FROM run WHERE run.slice_id = slice.id AND run.state IN ('queued', 'running', 'abandoned'))) AS failed`,
    [keys],
  );
  return rows[0] ?? { unplanned: keys.length, open: 0, done: 0, failed: 0 };
}

async function plannedAt(database: Database, key: string): Promise<string> {
  const { rows } = await database.pool.query<{ at: string }>(
    "SELECT coalesce(planned_at::text, '') AS at FROM source WHERE key = $1",
    [key],
  );
  return rows[0]?.at ?? "";
}

async function waitForPlan(database: Database, before: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LOAD_LIMIT_MS;
  while (Date.now() < deadline) {
    if ((await plannedAt(database, RESTATED_SOURCE)) !== before) return;
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new AppError("limit_reached", "The worker did not look at the month that was delivered again.");
}
