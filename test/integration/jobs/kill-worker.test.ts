import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, until, type TestInstance } from "#test/integration/instance.ts";
import { DeliveryWriter, readContent, readRelations, type Content } from "#test/integration/jobs/large-delivery.ts";
import {
  giveJobsBack,
  isDatabaseQuiet,
  letTimePass,
  loadWorker,
  type WorkerProcess,
} from "#test/integration/jobs/workers.ts";
import { COST_BASES, decimal } from "#lib/domain/money.ts";
import { billingPeriod, rangeOf } from "#lib/domain/period.ts";
import { abandonSilentRuns } from "#lib/services/runs/abandon-silent-runs.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";

const SEED = 20_261;
const KILLS = 12;
const LINE_ITEMS = 20_000;
/** A minute or two where the machine is its own; six where seven others want each processor. */
const LIMIT_MS = 600_000;
/** March is there before the killing starts, so that its next deliveries replace figures that people see. */
const PERIODS = ["2026-03", "2026-01", "2026-02"] as const;

let instance: TestInstance;
let writer: DeliveryWriter;
let standby: WorkerProcess;
/** Every delivery that was ever there, by period, oldest first. */
const delivered = new Map<string, Content[]>();

beforeAll(async () => {
  instance = await createInstance({
    tags: ["team"],
    sources: { billing: { kind: "focus", layout: "files", path: "./exports" } },
  });
  writer = await DeliveryWriter.open();
  const { pool } = instance.database;
  await pool.query(
    `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, source_key)
     SELECT 'team-' || i, 'Team ' || i, 'unit', 'Unit', '', '', '{}', 'directory' FROM generate_series(0, 5) i`,
  );
  await pool.query("INSERT INTO pool (key, name, method, created_by) VALUES ('hub', 'Hub', 'proportional', 'test')");
  await pool.query(
    `INSERT INTO allocation_rule (rule_id, position, name, match, target, created_by) VALUES
     (gen_random_uuid(), 1, 'hub', '{"subAccountId":["account-1"]}', '{"kind":"pool","pool":"hub"}', 'test'),
     (gen_random_uuid(), 2, 'tag', '{}', '{"kind":"tag-value","keys":["team"]}', 'test')`,
  );
  standby = loadWorker(instance);
});
afterAll(async () => {
  await standby?.kill();
  writer?.close();
  await instance?.remove();
});

test(
  "a worker killed at any point of a pull leaves nothing lost, doubled or half published",
  { timeout: LIMIT_MS },
  async () => {
    await deliverNext("2026-03");
    const lengthMs = await pullUndisturbed();
    const random = randomFrom(SEED);
    const steps = new Map<string, number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await deliverWhatIsPublished();
      await plan();
      const step = await killAfter(MOMENTS[kill % MOMENTS.length] ?? "", random() * lengthMs);
      steps.set(step, (steps.get(step) ?? 0) + 1);
      await expectConsistent();
      // The last one is left for the next worker to find by itself.
      if (kill === KILLS - 1) continue;
      await letTimePass(instance);
      await abandonSilentRuns(instance.context());
    }
    const places = [...steps].map(([step, count]) => `${count}× ${step}`).join(", ");
    process.stdout.write(`${KILLS} kill points over a pull of ${Math.round(lengthMs)} ms: ${places}\n`);

    await deliverWhatIsPublished();
    await letTimePass(instance);
    await plan();
    const worker = await startNext();
    await until("every run to end", isEverythingDone, 90_000);
    await worker.kill();
    await expectConsistent();
    for (const [period, versions] of delivered) {
      const slice = (await readSlices()).find((one) => one.period === period);
      expect({ period, ...(await readContent(instance, slice?.id ?? 0)) }).toEqual({ period, ...versions.at(-1) });
    }
    await expectEveryVersionReadable();
  },
);

/** Delivers the first version of a month, or the next one. */
async function deliverNext(period: string): Promise<void> {
  const versions = delivered.get(period) ?? [];
  versions.push(
    await writer.write(instance.path(`exports/${period}.parquet`), period, versions.length + 1, LINE_ITEMS),
  );
  delivered.set(period, versions);
}

/** There is always something to pull: a month that is published as delivered, or not delivered yet, is delivered anew. */
async function deliverWhatIsPublished(): Promise<void> {
  const slices = await readSlices();
  for (const period of PERIODS) {
    const slice = slices.find((one) => one.period === period);
    const newest = delivered.get(period)?.at(-1);
    const isPublished = slice?.publication_id && (await readContent(instance, slice.id)).rows === newest?.rows;
    if (newest === undefined || isPublished) await deliverNext(period);
  }
}

async function plan(): Promise<void> {
  await planSource(instance.context(), { sourceKey: "billing", logicalTime: new Date(), trigger: "command-line" });
}

async function startNext(): Promise<WorkerProcess> {
  const worker = standby;
  await worker.go();
  standby = loadWorker(instance);
  return worker;
}

/** How long a fresh worker takes for all that is there, from the moment at which it has taken the first run. */
async function pullUndisturbed(): Promise<number> {
  const { pool } = instance.database;
  const before = await pool.query<{ at: Date }>("SELECT clock_timestamp() AS at");
  const worker = await startNext();
  await until("a pull of everything", isEverythingDone);
  await worker.kill();
  await giveJobsBack(instance);
  const { rows } = await pool.query<{ ms: string }>(
    "SELECT extract(epoch FROM max(finished_at) - min(started_at)) * 1000 AS ms FROM run WHERE state = 'succeeded' AND started_at > $1",
    [before.rows[0]?.at],
  );
  return Number(rows[0]?.ms);
}

/** Every other kill is counted from where the figures are replaced, which is a small part of a pull's time. */
const MOMENTS = ["true", "progress ->> 'step' = 'Publishing'"];

/** Starts a worker, kills it `delayMs` after a run has come to the moment, and answers what the run was doing. */
async function killAfter(moment: string, delayMs: number): Promise<string> {
  const worker = await startNext();
  await until("a run to come there", async () => {
    if ((await countRuns(`state = 'running' AND ${moment}`)) > 0) return true;
    // The moment was missed where everything has ended.
    return (await countRuns("state IN ('queued', 'running', 'abandoned')")) === 0;
  });
  // Not to wait for anything: this is the random moment.
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  await worker.kill();
  await until("the server to notice", () => isDatabaseQuiet(instance));
  await giveJobsBack(instance);
  const { rows } = await instance.database.pool.query<{ step: string | null }>(
    "SELECT progress ->> 'step' AS step FROM run WHERE state = 'running' ORDER BY progress ->> 'step' = 'Publishing' DESC LIMIT 1",
  );
  return rows.length === 0 ? "after the commit" : (rows[0]?.step ?? "just taken");
}

async function isEverythingDone(): Promise<boolean> {
  if ((await countRuns("state IN ('queued', 'running', 'abandoned')")) > 0) return false;
  const slices = await readSlices();
  if (slices.length === 0) return false;
  return (await countRuns("state = 'failed'")) === 0 || slices.every((slice) => !slice.stale);
}

async function countRuns(condition: string): Promise<number> {
  const { rows } = await instance.database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM run WHERE ${condition}`,
  );
  return rows[0]?.count ?? 0;
}

type SliceRow = {
  id: number;
  period: string;
  publication_id: number | null;
  totals: Record<string, Content>;
  stale: boolean;
};

async function readSlices(): Promise<SliceRow[]> {
  const { rows } = await instance.database.pool.query<SliceRow>(
    "SELECT s.id, s.period, s.publication_id, s.stale, p.totals FROM slice s LEFT JOIN publication p ON p.id = s.publication_id",
  );
  return rows;
}

async function expectConsistent(): Promise<void> {
  const slices = await readSlices();
  for (const { id, period } of slices.filter((slice) => slice.publication_id === null))
    expect({ period, ...(await readContent(instance, id)) }).toMatchObject({ period, billed: null, rows: null });
  for (const { id, period, totals } of slices.filter((slice) => slice.publication_id !== null)) {
    // One delivery as a whole, row by row, and in each roll-up, and as its control totals say.
    const content = await readContent(instance, id);
    const shown = delivered.get(period)?.find((version) => version.rows === content.rows);
    expect({ period, ...content }).toEqual({ period, ...shown });
    const { rows: _rows, ...sums } = content;
    for (const [relation, found] of Object.entries(await readRelations(instance, id)))
      expect({ period, relation, ...found }).toEqual({ period, relation, ...sums });
    const control = totals["EUR"];
    const amounts = COST_BASES.map((basis) => [basis, decimal(control?.[basis] ?? 0).toFixed(12)]);
    expect({ lineItems: String(control?.lineItems), ...Object.fromEntries(amounts) }).toEqual(sums);
  }
  const { rows } = await instance.database.pool.query<{ what: string }>(
    `SELECT 'publication ' || p.id || ' without its succeeded run' AS what FROM publication p JOIN run r ON r.id = p.run_id
       WHERE r.state <> 'succeeded' OR r.control_totals IS DISTINCT FROM p.totals
     UNION ALL SELECT 'run ' || r.id || ' published ' || count(p.id) || ' times' FROM run r LEFT JOIN publication p ON p.run_id = r.id
       WHERE r.state = 'succeeded' GROUP BY r.id HAVING count(p.id) <> 1
     UNION ALL SELECT 'publication ' || p.id || ' has ' || count(a.id) || ' log entries' FROM publication p
       LEFT JOIN activity a ON a.action = 'slice.published' AND (a.after ->> 'publication')::int = p.id GROUP BY p.id HAVING count(a.id) <> 1
     UNION ALL SELECT 'a log entry without publication' FROM activity a WHERE a.action = 'slice.published'
       AND NOT EXISTS (SELECT FROM publication p WHERE p.id = (a.after ->> 'publication')::int)
     UNION ALL SELECT 'slice ' || s.id || ' does not show its newest publication' FROM slice s
       WHERE s.publication_id IS DISTINCT FROM (SELECT max(p.id) FROM publication p WHERE p.slice_id = s.id)
     UNION ALL SELECT 'slice ' || s.id || ' was published twice from the same files' FROM slice s JOIN publication p ON p.slice_id = s.id
       GROUP BY s.id, p.fingerprint HAVING count(*) > 1`,
  );
  expect(rows).toEqual([]);
}

async function expectEveryVersionReadable(): Promise<void> {
  for (const slice of await readSlices()) {
    for (const { publishedAt, totals } of await listPublications(instance.context(), { sliceId: slice.id })) {
      // The instant is kept with microseconds and shown with milliseconds.
      const asOf = new Date(Date.parse(publishedAt) + 1);
      for (const basis of COST_BASES) {
        const view = await readSpend(instance.context(), {
          ...rangeOf(billingPeriod(slice.period)),
          basis,
          groupBy: "team",
          granularity: "month",
          compare: "none",
          currency: null,
          filters: {},
          kinds: [],
          asOf,
        });
        expect(view.sections[0]?.bar).toMatchObject({ total: totals["EUR"]?.[basis], difference: "0" });
      }
    }
  }
}

/** A small generator of its own, so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
