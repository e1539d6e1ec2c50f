import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInstance } from "#cli/open-instance.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws } from "#demo/aws/server.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { DEMO_SECRET_VARIABLE } from "#demo/exports/bursar-config.ts";
import { seedDemo } from "#demo/seed.ts";
import { DEFAULT_SEED, deliverRestatement, readTruth, writeEstate } from "#demo/write-estate.ts";
import type { Truth } from "#demo/estate/truth.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { loadConfig } from "#lib/config.ts";
import type { Database } from "#lib/db/client.ts";
import { day, type BillingPeriod } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

/** The estate as the product has loaded it: every month once, and one of them a second time. */
export type ProvedEstate = {
  database: Database;
  estate: Estate;
  truth: Truth;
  /** After the first deliveries, before the restated month came. */
  beforeRestatement: Date;
  context(): ServiceContext;
};

export type EstateSize = { months?: number; scale?: number };

/**
 * Runs `work` over a fresh instance that has loaded the demo's estate through its own sources, and removes it afterwards.
 * Pulls run in this process, one after another, through the services that the worker calls.
 */
export async function withProvedEstate<T>(
  size: EstateSize,
  say: (text: string) => void,
  work: (estate: ProvedEstate) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), "bursar-prove-"));
  const before = { home: process.env["BURSAR_HOME"], config: process.env["BURSAR_CONFIG"] };
  process.env["BURSAR_HOME"] = home;
  process.env["BURSAR_CONFIG"] = join(home, "bursar.yaml");
  process.env[DEMO_SECRET_VARIABLE] = DEMO_CREDENTIALS.secretAccessKey;
  const options = { seed: DEFAULT_SEED, today: day(new Date().toISOString().slice(0, 10)), ...size };
  say("Writing the estate …");
  const estate = createEstate(options);
  let restated = false;
  const aws = await startAws({ root: join(home, "estate", "s3"), estate, version: () => (restated ? 2 : 1) });
  try {
    await writeEstate({ ...options, home, estate, port: aws.port, restated: false });
    const instance = await openInstance();
    try {
      const { database } = instance;
      await seedDemo(database, estate);
      const context = (): ServiceContext => ({ actor: SYSTEM_ACTOR, database, now: new Date() });
      await syncSources(context());
      say("Loading it through the product's sources …");
      for (const sourceKey of Object.keys(loadConfig().sources)) await pullAll(context, sourceKey);
      const beforeRestatement = new Date();
      say("Delivering one month again …");
      await deliverRestatement(home, estate);
      restated = true;
      await pullAll(context, "aws-billing");
      return await work({ database, estate, truth: await readTruth(home), beforeRestatement, context });
    } finally {
      await instance.close();
    }
  } finally {
    await aws.close();
    await rm(home, { recursive: true, force: true });
    restore("BURSAR_HOME", before.home);
    restore("BURSAR_CONFIG", before.config);
  }
}

async function pullAll(context: () => ServiceContext, sourceKey: string): Promise<void> {
  const { runIds } = await planSource(context(), { sourceKey, logicalTime: new Date(), trigger: "command-line" });
  for (const runId of runIds) {
    const { period } = await readRun(context(), { runId });
    await pullSlice(context(), { runId, sourceKey, period: period ?? "all" });
  }
}

/** Pulls one period as a person who asks for it. */
export async function pullPeriod(
  context: () => ServiceContext,
  sourceKey: string,
  period: BillingPeriod,
): Promise<void> {
  const { runIds } = await planSource(context(), { sourceKey, logicalTime: new Date(), trigger: "person", period });
  for (const runId of runIds) await pullSlice(context(), { runId, sourceKey, period });
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
