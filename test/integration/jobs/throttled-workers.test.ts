import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInstance, until, type TestInstance } from "#test/integration/instance.ts";
import { loadWorker, type WorkerProcess } from "#test/integration/jobs/workers.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { day } from "#lib/domain/period.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import { recentBillRange } from "#lib/services/api/bill-range.ts";
import { API_RATES } from "#lib/services/api/rates.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";

const WORKERS = 4;
const MONTHS = 7;
/** A request that is slower than a slot bunches those behind it up a little. */
const BUNCHED = 4;
const LIMIT_MS = 300_000;
const CAP_USD = "3.00";

let instance: TestInstance;
let server: AwsServer;
let folder: string;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  const estate = createEstate({
    seed: "throttled",
    today: day(new Date().toISOString().slice(0, 10)),
    months: MONTHS,
    scale: 0.02,
  });
  folder = await mkdtemp(join(tmpdir(), "bursar-throttled-"));
  server = await startAws({ root: folder, estate, costPageSize: 2_000 });
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  const connection = { endpoint: server.url, accessKeyId, secretAccessKey };
  instance = await createInstance({
    sources: { api: { kind: "aws-cost-explorer", monthlyCapUsd: CAP_USD, months: MONTHS, ...connection } },
  });
  for (let count = 0; count < WORKERS; count += 1) workers.push(loadWorker(instance));
}, LIMIT_MS);
afterAll(async () => {
  for (const worker of workers) await worker.kill();
  await server?.close();
  await instance?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test(
  "four workers whose requests are throttled three times of ten load seven months, within the rate, the plan and the cap",
  { timeout: LIMIT_MS },
  async () => {
    server.faults.throttleShare(0.3, { service: "ce" });
    await planSource(instance.context(), { sourceKey: "api", logicalTime: new Date(), trigger: "schedule" });
    for (const worker of workers) await worker.go();
    await until("seven months", allPublished, LIMIT_MS);

    const asked = server.calls.filter((call) => call.service === "ce");
    const throttled = asked.filter((call) => call.errorCode !== null);
    expect(throttled.length / asked.length).toBeGreaterThan(0.15);
    const rate = API_RATES.find(({ api }) => api === "ce");
    expect(mostInASecond(asked.map(({ at }) => at))).toBeLessThanOrEqual(
      (rate?.perSecond ?? 0) + (rate?.burst ?? 0) + BUNCHED,
    );

    const bill = await listApiBill(instance.context(), recentBillRange(new Date()));
    const months = bill.sources.find(({ sourceKey }) => sourceKey === "api")?.months ?? [];
    expect(months.map(({ priceUsd }) => priceUsd).filter((price) => price !== "0")).toEqual([server.priceUsd()]);
    expect(Number(server.priceUsd())).toBeLessThanOrEqual(Number(CAP_USD));
    const { rows } = await instance.database.pool.query<{ totals: number }>(
      "SELECT count(DISTINCT period)::int AS totals FROM slice JOIN publication p ON p.slice_id = slice.id AND p.totals ? 'USD'",
    );
    expect(rows[0]?.totals).toBe(MONTHS);
  },
);

async function allPublished(): Promise<boolean> {
  const { rows } = await instance.database.pool.query<{ published: number }>(
    "SELECT count(*)::int AS published FROM slice WHERE publication_id IS NOT NULL",
  );
  return rows[0]?.published === MONTHS;
}

function mostInASecond(instants: readonly (Date | string | number)[]): number {
  const times = instants.map((at) => new Date(at).getTime()).toSorted((a, b) => a - b);
  return Math.max(...times.map((from, index) => times.slice(index).filter((at) => at < from + 1000).length));
}
