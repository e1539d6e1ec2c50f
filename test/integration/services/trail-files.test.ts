import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTrail, type WrittenTrail } from "#demo/aws/cloudtrail/write-trail.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { randomFor } from "#demo/estate/random.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { day } from "#lib/domain/period.ts";
import { prepareQueue } from "#lib/services/runs/queue.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { listGaps } from "#lib/services/trail/search/list-gaps.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

const ACCOUNT = "111122223333";
const REGION = "eu-central-1";
const BUCKET = "trail";
const DAY_MS = 86_400_000;
const FROM = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS);
const root = mkdtempSync(join(tmpdir(), "bursar-trail-files-"));
const pathOf = (key: string | undefined) => join(root, BUCKET, key ?? "");

let scratch: TestDatabase;
let server: AwsServer;
let trail: WrittenTrail;

beforeAll(async () => {
  scratch = await createTestDatabase();
  const plan = { root, bucket: BUCKET, account: ACCOUNT, region: REGION, from: FROM, hours: 6, filesAnHour: 2 };
  trail = await writeTrail(plan, randomFor("trail files"));
  const estate = createEstate({ seed: "trail files", today: day("2026-11-21"), months: 4, scale: 0.01 });
  server = await startAws({ root, estate, trailKeys: [trail.key] });
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  const connection = { endpoint: server.url, accessKeyId, secretAccessKey, region: REGION, bucket: BUCKET };
  const sources = { cloud: { kind: "aws-cloudtrail", ...connection } };
  writeFileSync(join(root, "bursar.yaml"), JSON.stringify({ sources }));
  process.env["BURSAR_HOME"] = join(root, "home");
  process.env["BURSAR_CONFIG"] = join(root, "bursar.yaml");
  process.env["DATABASE_URL"] = scratch.url;
  await prepareQueue(scratch.database);
  await syncSources(contextNow());
});
afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  delete process.env["BURSAR_CONFIG"];
  delete process.env["DATABASE_URL"];
  await server?.close();
  rmSync(root, { recursive: true, force: true });
  await scratch?.drop();
});

const contextNow = () => ({ actor: SYSTEM_ACTOR, database: scratch.database, now: new Date() });

async function look(): Promise<void> {
  const { runIds } = await planSource(contextNow(), {
    sourceKey: "cloud",
    logicalTime: new Date(),
    trigger: "schedule",
  });
  for (const runId of runIds)
    await pullSlice(contextNow(), { runId, sourceKey: "cloud", period: `${ACCOUNT}/${REGION}` });
}

/** The gaps of files: open ones as the objects' names, closed ones with a mark. */
async function gaps(asOf: Date | null = null): Promise<{ state: string | undefined; files: string[] }> {
  const range = { from: FROM, to: new Date(FROM.getTime() + DAY_MS / 4), asOf };
  const [source] = (await listGaps(contextNow(), range)).sources;
  const files = (source?.gaps ?? [])
    .filter(({ kind }) => kind === "file")
    .map(({ isClosed, to, sentence }) => {
      expect(/was not known for certain until \d\d:\d\d UTC/.test(sentence)).toBe(isClosed);
      return `${to?.slice(11, 16)}${isClosed ? " closed" : ""}`;
    });
  return { state: source?.state, files: [...new Set(files)] };
}

function damage(key: string | undefined): () => void {
  const path = pathOf(key);
  const content = readFileSync(path);
  writeFileSync(
    path,
    gzipSync(
      gunzipSync(content).toString().replace("192.0.2.10", "192.0.2.99").replace('"hashValue":"', '"hashValue":"f'),
    ),
  );
  return () => writeFileSync(path, content);
}

test("a gap of files is closed when they come or are put back, which an earlier instant does not know yet", async () => {
  const late = pathOf(trail.digests[1]);
  renameSync(late, `${late}.waiting`);
  const putBackDigest = damage(trail.digests[3]);
  const putBackFile = damage(trail.files[9]?.key);
  await look();
  const before = { state: "gaps", files: ["04:30", "04:00", "02:00"] };
  expect(await gaps()).toEqual(before);
  const torn = new Date();
  renameSync(`${late}.waiting`, late);
  putBackDigest();
  putBackFile();
  await look();
  expect(await gaps()).toEqual({ state: "none", files: ["04:30 closed", "04:00 closed", "02:00 closed"] });
  expect(await gaps(torn)).toEqual(before);
  const { rows } = await scratch.database.pool.query("SELECT event_key FROM event WHERE source_key = 'cloud'");
  const stored = rows.map(({ event_key: key }) => String(key));
  expect(new Set(stored)).toEqual(new Set(trail.files.flatMap(({ events }) => events)));
  // Changed anew, it is a gap anew, and told once.
  damage(trail.files[9]?.key);
  await look();
  await look();
  expect(await gaps()).toEqual({ state: "gaps", files: ["04:30", "04:30 closed", "04:00 closed", "02:00 closed"] });
  const changed = await scratch.database.pool.query("SELECT 1 FROM finding WHERE code = 'file_changed'");
  expect(changed.rowCount).toBe(2);
});
