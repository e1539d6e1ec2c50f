import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAws } from "#demo/aws/server.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { day } from "#lib/domain/period.ts";
import type { LoadResult } from "#test/bench/audit-load.worker.ts";
import { compare, median, type Measure, type MeasureOptions, type Measurement } from "#test/bench/measure.ts";
import { hoursFor, writeTrailFiles } from "#test/bench/trail-files.ts";
import { later, openWorkshop, runProgram, type Workshop } from "#test/bench/workshop.ts";

const EVENTS = 500_000;
/** Of fewer, what every load has to do once would be most of it. */
const LEAST_EVENTS = 60_000;
const ROUNDS = 3;
/** At least half as fast as the bare load. */
const TIME_LIMIT = 2;
const MERKLE_LIMIT = 0.1;
const ACCOUNT = "111122223333";
const REGION = "eu-central-1";
const BUCKET = "bench-trail";
const FROM = new Date("2026-03-02T00:00:00Z");

export const auditLoad: Measure = {
  name: "audit-load",
  about:
    "500,000 events of CloudTrail's gz files read, proven, indexed and stored, against a bare gunzip, JSON.parse and COPY; the Merkle tree's part",
  run: measureAuditLoad,
};

async function measureAuditLoad({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const hours = hoursFor(Math.max(LEAST_EVENTS, Math.round(EVENTS * scale)));
    const plan = { root: workshop.folder, bucket: BUCKET, account: ACCOUNT, region: REGION, from: FROM, hours };
    const trail = await writeTrailFiles(plan);
    const events = trail.files.reduce((sum, file) => sum + file.events.length, 0);
    note(`audit-load: ${events.toLocaleString("en")} events in ${trail.files.length} files, with ${hours} digests`);
    const estate = createEstate({ seed: "bench", today: day("2026-03-02"), months: 4, scale: 0.01 });
    const aws = await startAws({
      root: workshop.folder,
      estate,
      ecsClusters: [],
      eksClusters: [],
      trailKeys: [trail.key],
    });
    later(() => aws.close());
    await writeConfig(workshop, aws.url);
    const ours: LoadResult[] = [];
    const floor: LoadResult[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      floor.push(await loadOnce(workshop, "floor", events));
      ours.push(await loadOnce(workshop, "ours", events));
      note(`audit-load: round ${round} of ${ROUNDS}: ours ${describe(ours.at(-1))}; floor ${describe(floor.at(-1))}`);
    }
    const secondsOf = (results: readonly LoadResult[]) =>
      median(results.map(({ milliseconds }) => milliseconds / 1_000));
    const cpuSecondsOf = (of: (result: LoadResult) => number) => median(ours.map((result) => of(result) / 1_000));
    return [
      compare("audit-load", "s", secondsOf(ours), secondsOf(floor), TIME_LIMIT),
      // Threads and a database share the processors: what a part of the work costs is what it uses of them, not how long it is under way.
      compare(
        "audit-load Merkle tree, of the load's CPU",
        "s",
        cpuSecondsOf(({ merkleMs }) => merkleMs),
        cpuSecondsOf(({ nodeMs, databaseMs }) => nodeMs + databaseMs),
        MERKLE_LIMIT,
      ),
    ];
  } finally {
    await workshop.close();
  }
}

async function writeConfig({ folder }: Workshop, endpoint: string): Promise<void> {
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  const source = { kind: "aws-cloudtrail", endpoint, accessKeyId, secretAccessKey, region: REGION, bucket: BUCKET };
  // JSON is YAML.
  await writeFile(
    join(folder, "bursar.yaml"),
    JSON.stringify({ sources: { bench: { ...source, days: 4_000, lateDays: 60 } } }),
  );
}

/** Each try has an empty database and a process of its own. The floor reads the files themselves, ours through S3's protocol. */
async function loadOnce(workshop: Workshop, way: "ours" | "floor", events: number): Promise<LoadResult> {
  const url = await workshop.createDatabase("audit_load");
  try {
    const environment = { BURSAR_HOME: workshop.folder, BURSAR_CONFIG: join(workshop.folder, "bursar.yaml") };
    const files = join(workshop.folder, BUCKET, "AWSLogs", ACCOUNT, "CloudTrail", REGION);
    const result = (await runProgram(
      "audit-load.worker.ts",
      [way, url, files, `${ACCOUNT}/${REGION}`],
      environment,
    )) as LoadResult;
    if (result.events !== events) throw new Error(`${way} stored ${result.events} of ${events} events.`);
    return result;
  } finally {
    await workshop.dropDatabase("audit_load");
  }
}

function describe(result: LoadResult | undefined): string {
  if (!result) return "";
  const { milliseconds, nodeMs, databaseMs, merkleMs, peakMib, events } = result;
  const rate = Math.round(events / (milliseconds / 1_000)).toLocaleString("en");
  const parts = `CPU: Node ${(nodeMs / 1_000).toFixed(1)} s, database ${(databaseMs / 1_000).toFixed(1)} s, of both Merkle ${(merkleMs / 1_000).toFixed(2)} s`;
  return `${(milliseconds / 1_000).toFixed(2)} s = ${rate} a second (${parts}, ${Math.round(peakMib)} MiB)`;
}
