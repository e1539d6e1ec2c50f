import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { COMMAND_LINE_ACTOR, type Actor } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { reallocateSlice } from "#lib/services/rules/reallocate-slice.ts";
import { prepareQueue } from "#lib/services/runs/queue.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { createTestDatabase } from "#test/integration/db/database.ts";

/** An installation of its own for one test file: a home, a bursar.yaml and a migrated database with its queue. */
export type TestInstance = {
  database: Database;
  url: string;
  home: string;
  context(actor?: Actor): ServiceContext;
  /** A path inside the home's folder of deliveries. */
  path(name: string): string;
  /** Lists the source and pulls what it offers, in this process; failed runs are answered, not thrown. */
  pull(sourceKey: string, period?: string): Promise<RunView[]>;
  /** The same where everything has to load; throws the first error. */
  load(sourceKey: string): Promise<void>;
  /** Does every queued run in this process, those included that come of it. */
  workOff(): Promise<RunView[]>;
  remove(): Promise<void>;
};

/** More rounds of queued runs than any test makes. */
const MAX_ROUNDS = 20;

/** Paths of sources in `config` are relative to the home. Sets BURSAR_HOME and BURSAR_CONFIG of this process. */
export async function createInstance(config: object): Promise<TestInstance> {
  const home = await mkdtemp(join(tmpdir(), "bursar-instance-"));
  await writeFile(join(home, "bursar.yaml"), stringify(config));
  process.env["BURSAR_HOME"] = home;
  process.env["BURSAR_CONFIG"] = join(home, "bursar.yaml");
  const { database, url, drop } = await createTestDatabase();
  await prepareQueue(database);
  const context = (actor: Actor = COMMAND_LINE_ACTOR): ServiceContext => ({ actor, database, now: new Date() });
  await syncSources(context());
  const pull: TestInstance["pull"] = async (sourceKey, period) => {
    const { runIds } = await planSource(context(), {
      sourceKey,
      period: period ?? null,
      logicalTime: new Date(),
      trigger: "command-line",
    });
    const runs: RunView[] = [];
    for (const runId of runIds) runs.push(await perform(context, await readRun(context(), { runId })));
    return runs;
  };
  return {
    database,
    url,
    home,
    context,
    path: (name) => join(home, name),
    pull,
    load: async (sourceKey) => {
      const failed = (await pull(sourceKey)).find((run) => run.state !== "succeeded");
      if (failed) throw new Error(`${sourceKey} ${failed.period} ${failed.state}: ${failed.error?.message}`);
    },
    workOff: async () => {
      const done: RunView[] = [];
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const { rows } = await database.pool.query("SELECT id FROM run WHERE state = 'queued' ORDER BY queued_at, id");
        if (rows.length === 0) return done;
        for (const { id } of rows) done.push(await perform(context, await readRun(context(), { runId: String(id) })));
      }
      throw new Error(`There are still queued runs after ${MAX_ROUNDS} rounds.`);
    },
    remove: async () => {
      await drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function perform(context: () => ServiceContext, run: RunView): Promise<RunView> {
  const { rows } = await context().database.pool.query("SELECT slice_id FROM run WHERE id = $1", [run.id]);
  const work =
    run.kind === "reallocate"
      ? reallocateSlice(context(), { runId: run.id, sliceId: Number(rows[0]?.slice_id) })
      : pullSlice(context(), { runId: run.id, sourceKey: run.sourceKey ?? "", period: run.period ?? "all" });
  await work.catch((thrown: unknown) => {
    // The run's row has the error; what is no AppError is a defect that the test must show.
    if (!(thrown instanceof AppError)) throw thrown;
  });
  return readRun(context(), { runId: run.id });
}

/** Puts a file in place at once, as a careful exporter does. */
export async function deliver(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), "._draft");
  await writeFile(draft, content);
  await rename(draft, path);
}

/** One FOCUS charge; all four costs are `billed` unless given. */
export type Charge = {
  day: string;
  account: string;
  service: string;
  billed: string;
  effective?: string;
  currency?: string;
  tags?: Record<string, string>;
  resource?: string;
};

const COLUMNS =
  "ProviderName,BillingAccountId,BillingAccountName,SubAccountId,SubAccountName,ServiceName,ServiceCategory,ChargeCategory,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,ResourceId,Tags,BilledCost,EffectiveCost,ListCost,ContractedCost";

/** A FOCUS file of one billing period as CSV. */
export function focusCsv(period: string, charges: readonly Charge[]): string {
  const lines = charges.map((charge) => {
    const cost = charge.billed;
    const cells = ["AWS", "payer", "Payer", charge.account, `Account ${charge.account}`, charge.service, "Compute"];
    cells.push("Usage", charge.currency ?? "EUR", `${period}-01T00:00:00Z`, `${charge.day}T00:00:00Z`);
    cells.push(`${charge.day}T01:00:00Z`, charge.resource ?? `${charge.account}/${charge.service}`);
    cells.push(JSON.stringify(charge.tags ?? {}), cost, charge.effective ?? cost, cost, cost);
    return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
  });
  return `${[COLUMNS, ...lines].join("\n")}\n`;
}

/** Asks every few milliseconds until `found` answers something, for at most `limitMs`. */
export async function until<T>(
  what: string,
  found: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await found();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain for: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
