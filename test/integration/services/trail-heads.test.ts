import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS, startS3, type S3Server } from "#demo/aws/s3.ts";
import { makeLockedBucket, openLockedBucket } from "#demo/aws/s3-versions.ts";
import { startTimeStampAuthority, type DemoAuthority } from "#demo/timestamps/authority.ts";
import { sealTrail as sealTask } from "#jobs/tasks/seal-trail.ts";
import { SYSTEM_ACTOR, type Actor } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { readAttention } from "#lib/services/spend/read-attention.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { checkTrail } from "#lib/services/trail/verify/check-trail.ts";
import { headName, HEADS_FILE } from "#lib/services/trail/heads/head-places.ts";
import { keptFiles, keptLines, type KeptHeads } from "#lib/services/trail/heads/kept-heads.ts";
import { publishHead } from "#lib/services/trail/heads/publish-head.ts";
import { readBucketHeads } from "#lib/services/trail/heads/read-bucket-heads.ts";
import { readHeads } from "#lib/services/trail/heads/read-heads.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { headStatement } from "#lib/services/trail/heads/tree-head.ts";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { until } from "#test/integration/instance.ts";
import { secretsEvent, TRAIL_QUERY } from "#test/integration/services/trail-workshop.ts";

const [Bucket, PREFIX] = ["audit-heads", "bursar/heads"];
const PLACE = `s3://${Bucket}/${PREFIX}`;
const LOCK_DAYS = 400;
const KEYS = { ...DEMO_CREDENTIALS };

let scratch: TestDatabase;
let database: Database;
let server: S3Server;
let authority: DemoAuthority;
let client: S3Client;
const home = mkdtempSync(join(tmpdir(), "bursar-heads-"));
const root = join(home, "s3");
const before = { BURSAR_CONFIG: process.env["BURSAR_CONFIG"], BURSAR_HOME: process.env["BURSAR_HOME"] };
const auditor: Actor = { id: "otto@example.com", name: "Otto", role: "auditor", teamKey: null };

const contextNow = (actor: Actor = SYSTEM_ACTOR) => ({ actor, database, now: new Date() });
const seal = () => sealTrail(contextNow());
const publicKey = () => openFileKey(home).publicPem;
const check = (kept: KeptHeads, pem: string | null = null) =>
  checkTrail(contextNow(auditor), { kept, publicKey: publicKey(), authority: pem });
const fileLines = () => readFileSync(join(home, HEADS_FILE), "utf8").trim().split("\n");
const sizesIn = (lines: string[]) =>
  lines.map(
    (line) => JSON.parse(Buffer.from(JSON.parse(line).payload, "base64").toString()).predicate.entries as number,
  );
const sizesInBucket = () =>
  openLockedBucket(root, Bucket)
    .list(`${PREFIX}/`)
    .flatMap(({ key, versions }) => (key.endsWith(".json") ? versions.map(() => Number(key.slice(-21, -5))) : []));
const published = async () =>
  (await database.pool.query("SELECT size::int AS size FROM tree_head ORDER BY size")).rows.map(({ size }) =>
    Number(size),
  );
const place = async (name: string) => {
  const view = await readHeads(contextNow(auditor));
  return view.places.find((one) => one.name === name);
};

async function configure(s3: object = {}, heads: object = { timestamps: true }): Promise<void> {
  const bucket = {
    bucket: Bucket,
    prefix: PREFIX,
    region: "eu-central-1",
    endpoint: server.url,
    ...KEYS,
    lock: { mode: "COMPLIANCE", days: LOCK_DAYS },
    ...s3,
  };
  const settings = { timestamps: { url: authority.url }, audit: { heads: { ...heads, s3: bucket } } };
  await writeFile(join(home, "bursar.yaml"), JSON.stringify(settings));
}

let next = 0;
async function append(count: number): Promise<void> {
  const events = Array.from({ length: count }, () => secretsEvent(next++));
  await database.transact(({ sql }) => appendEvents(sql, events, new Date()));
}

beforeAll(async () => {
  process.env["BURSAR_HOME"] = home;
  process.env["BURSAR_CONFIG"] = join(home, "bursar.yaml");
  scratch = await createTestDatabase();
  database = scratch.database;
  makeLockedBucket(root, Bucket);
  await mkdir(join(root, "plain-bucket"));
  server = await startS3({ root });
  authority = await startTimeStampAuthority();
  client = new S3Client({
    endpoint: server.url,
    region: "eu-central-1",
    forcePathStyle: true,
    // The SDK writes into what it is given.
    credentials: { ...KEYS },
  });
  await configure();
});
afterAll(async () => {
  for (const [name, value] of Object.entries(before))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  client.destroy();
  await authority.close();
  await server.close();
  await scratch.drop();
  rmSync(home, { recursive: true, force: true });
});

test("a head goes to the file and, locked and stamped, to the bucket; an auditor checks it without the database's word", async () => {
  await append(300);
  const { size, failed } = await seal();
  expect([size, failed]).toEqual([300, []]);
  expect(sizesIn(fileLines())).toEqual([300]);
  const key = `${PREFIX}/${headName(300)}`;
  const object = await client.send(new HeadObjectCommand({ Bucket, Key: `${key}.json`, ChecksumMode: "ENABLED" }));
  const days = ((object.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
  expect(object).toMatchObject({ ObjectLockMode: "COMPLIANCE", ChecksumSHA256: expect.any(String) });
  expect(Math.round(days)).toBe(LOCK_DAYS);
  const stamp = await client.send(new HeadObjectCommand({ Bucket, Key: `${key}.tsr` }));
  expect(stamp.ObjectLockMode).toBe("COMPLIANCE");
  const remove = new DeleteObjectCommand({ Bucket, Key: `${key}.json`, VersionId: object.VersionId });
  await expect(client.send(remove)).rejects.toMatchObject({ name: "AccessDenied" });
  const kept = await readBucketHeads(contextNow(auditor));
  const verdict = await check(kept, authority.certificatePem);
  expect(verdict).toMatchObject({
    damages: [],
    heads: 1,
    stamps: { count: 1, last: { size: 300, isTrusted: true } },
  });
});

test("what was downloaded into a folder, and the home's own folder, are checked as the bucket is", async () => {
  await append(5);
  await seal();
  const files = async (folder: string) => {
    const names = (await readdir(folder, { recursive: true })).filter((name) => /\.[a-z]+$/.test(name));
    return keptFiles(names.map((name) => ({ name, content: readFileSync(join(folder, name)) })));
  };
  const copy = join(home, "download");
  await cp(join(root, Bucket, PREFIX), copy, { recursive: true });
  const downloaded = await check(await files(copy), authority.certificatePem);
  expect(downloaded).toMatchObject({ damages: [], heads: 2, stamps: { count: 2 } });
  expect(await check(await files(join(home, "trail")), authority.certificatePem)).toEqual(downloaded);
  expect(await check(keptLines(fileLines().join("\n")))).toMatchObject({ damages: [], heads: 2, stamps: null });
});

test("on demand a head is published by an auditor, and nothing new is no new head", async () => {
  const nobody: Actor = { id: "mia@example.com", name: "Mia", role: "member", teamKey: "one" };
  await expect(publishHead(contextNow(nobody))).rejects.toMatchObject({ code: "forbidden" });
  await append(1);
  const { size } = await publishHead(contextNow(auditor));
  expect((await published()).at(-1)).toBe(size);
  expect(await publishHead(contextNow(auditor))).toEqual({ size: null, failed: [] });
  const { rows } = await database.pool.query(
    "SELECT actor_id FROM activity WHERE action = 'tree-head.published' ORDER BY id DESC LIMIT 1",
  );
  expect(rows).toEqual([{ actor_id: auditor.id }]);
});

test("while S3 is down heads wait, the job fails and the page says since when; then they are written", async () => {
  const { port } = server;
  await server.close();
  await append(1);
  const first = await seal();
  expect(first.failed).toMatchObject([{ place: PLACE, error: { code: "unavailable" } }]);
  await append(1);
  const input = { database, data: {}, queuedAt: new Date(), signal: new AbortController().signal };
  await expect(sealTask(input)).rejects.toMatchObject({ code: "unavailable" });
  expect(sizesIn(fileLines())).toEqual(await published());
  const down = await place(PLACE);
  expect(down).toMatchObject({ waiting: 2, failure: { error: { code: "unavailable" } } });
  expect(down?.newest?.size).toBeLessThan(first.size ?? 0);
  const attention = () => readAttention(contextNow(), { asOf: null, month: billingPeriod("2026-11") });
  expect(await attention()).toMatchObject([
    { kind: "failed", title: `Heads of the trail do not reach ${PLACE}`, target: { page: "heads" } },
  ]);
  server = await startS3({ root, port });
  expect(await seal()).toEqual({ size: null, failed: [] });
  expect(sizesInBucket()).toEqual(await published());
  expect(await place(PLACE)).toMatchObject({ waiting: 0, waitingSince: null, failure: null });
  expect(await attention()).toEqual([]);
}, 120_000);

/** Seals in a process of its own, which is killed when a statement of it waits for a lock that is held here. */
async function killAtLock(mode: "ACCESS EXCLUSIVE" | "SHARE"): Promise<void> {
  const sql = await database.pool.connect();
  try {
    await sql.query("BEGIN");
    await sql.query(`LOCK TABLE tree_head_copy IN ${mode} MODE`);
    const worker = spawn(process.execPath, [join(import.meta.dirname, "seal-trail.worker.ts")], {
      env: { ...process.env, DATABASE_URL: scratch.url },
      stdio: "inherit",
    });
    const ended = once(worker, "exit");
    const waiting = await until("the process waits", async () => {
      const { rows } = await database.pool.query<{ pid: number }>(
        "SELECT pid FROM pg_locks WHERE relation = 'tree_head_copy'::regclass AND NOT granted",
      );
      return rows[0];
    });
    worker.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
    // What the server would still do for a client that is gone.
    await database.pool.query("SELECT pg_terminate_backend($1)", [waiting.pid]);
    await until("its statement has ended", async () => {
      const { rows } = await database.pool.query("SELECT FROM pg_stat_activity WHERE pid = $1", [waiting.pid]);
      return rows.length === 0;
    });
  } finally {
    await sql.query("ROLLBACK");
    sql.release();
  }
}

test("a process that is killed between the commit and the file leaves its head to the next sealing", async () => {
  await append(1);
  await killAtLock("ACCESS EXCLUSIVE");
  const heads = await published();
  expect(sizesIn(fileLines())).toEqual(heads.slice(0, -1));
  expect(await seal()).toEqual({ size: null, failed: [] });
  expect(sizesIn(fileLines())).toEqual(heads);
  expect(sizesInBucket()).toEqual(heads);
}, 60_000);

test("one that is killed before it has noted what it wrote, in the middle of a line, loses nothing and contradicts nothing", async () => {
  await append(1);
  await killAtLock("SHARE");
  const heads = await published();
  expect(sizesIn(fileLines())).toEqual(heads);
  expect(sizesInBucket()).toEqual(heads.slice(0, -1));
  // As if it had also died half-way through the line.
  const whole = readFileSync(join(home, HEADS_FILE));
  await writeFile(join(home, HEADS_FILE), whole.subarray(0, -100));
  expect(await seal()).toEqual({ size: null, failed: [] });
  expect(sizesIn(fileLines())).toEqual(heads);
  // What was put and not noted is put again, and stays one version.
  await database.pool.query("DELETE FROM tree_head_copy");
  expect(await seal()).toEqual({ size: null, failed: [] });
  expect(sizesInBucket()).toEqual(heads);
  expect(sizesIn(fileLines())).toEqual([...heads, ...heads]);
  expect(await check(await readBucketHeads(contextNow(auditor)))).toMatchObject({ damages: [], heads: heads.length });
}, 60_000);

test("an authority that does not answer keeps no head from its places, and stamps the newest once it does", async () => {
  const { url } = authority;
  await configure();
  const text = readFileSync(join(home, "bursar.yaml"), "utf8");
  await writeFile(join(home, "bursar.yaml"), text.replaceAll(url, "http://127.0.0.1:9/"));
  await append(1);
  const { size, failed } = await seal();
  expect(failed).toMatchObject([{ place: "http://127.0.0.1:9/", error: { code: "unavailable" } }]);
  expect(sizesInBucket()).toEqual(await published());
  expect((await readHeads(contextNow(auditor))).stamps).toMatchObject({ failure: { error: { code: "unavailable" } } });
  await configure();
  await seal();
  expect((await readHeads(contextNow(auditor))).stamps).toMatchObject({ newest: { size }, failure: null });
  expect(existsSync(join(home, "trail", "heads", `${headName(size ?? 0)}.tsr`))).toBe(true);
});

test("a bucket without Object Lock, an unknown one and a prefix with another's heads are refused in words", async () => {
  for (const [changes, code, message] of [
    [{ bucket: "plain-bucket" }, "invalid_config", /locks no objects/],
    [{ bucket: "not-there" }, "invalid_config", /There is no bucket not-there/],
    [{ accessKeyId: "nobody" }, "invalid_config", /does not accept the credentials/],
  ] as const) {
    await configure(changes);
    await append(1);
    const { failed } = await seal();
    expect(failed).toMatchObject([{ error: { code, message: expect.stringMatching(message) as string } }]);
  }
  await configure({ prefix: "others" });
  const newest = (await published()).at(-1) ?? 0;
  const other = new PutObjectCommand({ Bucket, Key: `others/${headName(newest)}.json`, Body: "{}" });
  await client.send(other);
  const { failed } = await seal();
  expect(failed).toMatchObject([{ place: `s3://${Bucket}/others`, error: { code: "conflict" } }]);
  await configure();
  expect(await seal()).toEqual({ size: null, failed: [] });
});

test("a bucket that is named later gets every head, the newest first", async () => {
  await configure({ prefix: "later" });
  const since = server.requests.length;
  expect(await seal()).toEqual({ size: null, failed: [] });
  const put = server.requests
    .slice(since)
    .filter(({ operation, key }) => operation === "PutObject" && key.endsWith("json"));
  const heads = await published();
  expect(put.map(({ key }) => key)).toEqual(heads.toReversed().map((size) => `later/${headName(size)}.json`));
  await configure();
});

test("a forged time stamp, one of another authority and a file that is no head are damage", async () => {
  const kept = keptFiles(
    (await readdir(join(home, "download"))).map((name) => ({
      name,
      content: readFileSync(join(home, "download", name)),
    })),
  );
  const [stamp] = kept.stamps;
  if (stamp === undefined) throw new Error("There is no time stamp.");
  const altered = Uint8Array.from(stamp.response, (byte, at) => (at === stamp.response.length - 5 ? byte ^ 1 : byte));
  const forged = await check(
    { heads: kept.heads, stamps: [{ ...stamp, response: altered }] },
    authority.certificatePem,
  );
  expect(forged).toMatchObject({ damages: [{ kind: "stamp" }], stamps: null });
  const moved = await check({ heads: kept.heads, stamps: [{ ...stamp, size: 305 }] }, authority.certificatePem);
  expect(moved.damages).toMatchObject([{ kind: "stamp" }]);
  const other = await startTimeStampAuthority();
  const foreign = await check(kept, other.certificatePem);
  expect(foreign.damages.map(({ kind }) => kind)).toEqual(["stamp", "stamp"]);
  await other.close();
  expect((await check({ heads: kept.heads, stamps: [] }, authority.certificatePem)).damages).toMatchObject([
    { kind: "stamp", message: "None of the heads has a time stamp." },
  ]);
  const planted = { text: "{}", place: { file: "0000000000000999.json" } };
  expect(await check({ ...kept, heads: [...kept.heads, planted] })).toMatchObject({
    damages: [{ kind: "head", message: "The file 0000000000000999.json is no head of a log that this key signed." }],
    heads: 2,
  });
  await expect(check({ heads: [planted], stamps: [] })).rejects.toMatchObject({ code: "invalid_input" });
});

test("an owner who cuts the log off and publishes a shorter one is found by the heads in the bucket, also behind newer versions", async () => {
  const heads = await published();
  const last = heads.at(-1) ?? 0;
  const kept = () => readBucketHeads(contextNow(auditor));
  // A head that cannot be deleted is hidden, and one of the right size and the right key, but with another root, is put over it.
  const Key = `${PREFIX}/${headName(last)}.json`;
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  const hidden = await kept();
  expect(hidden.hidden).toEqual([`${headName(last)}.json`]);
  expect((await check(hidden)).damages).toEqual([]);
  const key = openFileKey(home);
  const forged = await headStatement({ size: last, root: "ab".repeat(32), at: new Date() }, key);
  await client.send(new PutObjectCommand({ Bucket, Key, Body: forged.envelope }));
  expect((await check(await kept())).damages).toMatchObject([
    { kind: "tree", message: expect.stringContaining(`first ${last} entries`) as string },
  ]);

  const sql = await database.pool.connect();
  await sql.query("BEGIN");
  await sql.query("SET LOCAL session_replication_role = replica");
  await sql.query("DELETE FROM event WHERE seq >= 200");
  await sql.query("DELETE FROM merkle_tile WHERE level > 0 OR index > 0");
  await sql.query("UPDATE merkle_tile SET hashes = substring(hashes FROM 1 FOR 32 * 200)");
  await sql.query("DELETE FROM tree_head");
  await sql.query("DELETE FROM tree_head_copy");
  await sql.query("COMMIT");
  sql.release();
  rmSync(join(home, "trail"), { recursive: true });
  const { size } = await seal();
  // The database's log and the machine's own file agree with each other. That the index has more entries shows only who forgot to cut it off too.
  const own = await check(keptLines(fileLines().join("\n")));
  expect(own).toMatchObject({ heads: 1, entries: size });
  expect(own.damages.filter(({ kind }) => !["index", "activity", "derived"].includes(kind))).toEqual([]);
  const { damages } = await check(await kept());
  for (const lost of heads)
    expect(damages.map(({ message }) => message).join("\n")).toContain(`The first ${lost} entries were published`);
});

test("a search as of an instant has what was published by then, whenever it happened", async () => {
  const { rows: heads } = await database.pool.query("SELECT size::int AS size, at FROM tree_head ORDER BY size DESC");
  const { size, at } = heads[0] as { size: number; at: Date };
  const earlier = heads.at(-1) as { at: Date };
  await append(30);
  const range = { from: new Date("2026-01-01T00:00:00Z"), to: new Date("2026-04-01T00:00:00Z") };
  const { rows: all } = await database.pool.query<{ early: number; late: number }>(
    "SELECT count(*) FILTER (WHERE seq < $1)::int AS early, count(*) FILTER (WHERE seq >= $1)::int AS late FROM event WHERE occurred_at >= $2 AND occurred_at < $3",
    [size, range.from, range.to],
  );
  expect(all[0]?.late).toBeGreaterThan(0);
  const query = { ...TRAIL_QUERY, ...range };
  const searched = async (asOf: Date) => {
    const { rows } = await searchTrail(contextNow(auditor), query, null, asOf);
    const { counts } = await readTrailHistogram(contextNow(auditor), query, asOf);
    return { seqs: rows.map(({ seq }) => seq), sum: counts.reduce((sum, count) => sum + count, 0) };
  };
  const then = await searched(at);
  expect(then.sum).toBe(all[0]?.early);
  expect(then.seqs).toHaveLength(Math.min(100, all[0]?.early ?? 0));
  expect(Math.max(...then.seqs)).toBeLessThan(size);
  expect(await searched(new Date(earlier.at.getTime() - 1))).toEqual({ seqs: [], sum: 0 });
});
