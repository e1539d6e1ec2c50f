import { generateKeyPairSync } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  folder,
  publicHalf,
  putPacked,
  stamp,
  writeDigest,
  type DigestedFile,
  type SignedDigest,
} from "#demo/aws/cloudtrail/digest.ts";
import type { HistoryRecord } from "#demo/aws/cloudtrail/lookup-events.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws, type AwsServer } from "#demo/aws/server.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { cloudTrailSpec, planCloudTrail, readCloudTrail, checkCloudTrail } from "#lib/sources/aws-cloudtrail/index.ts";
import type { EventBatch } from "#lib/sources/event-reading.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

const REGION = "eu-central-1";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The server goes by the clock, as CloudTrail's 90 days do. */
const NOW = new Date();
const BUCKET = "later";
const signal = new AbortController().signal;

const records: HistoryRecord[] = [];
let aws: AwsWorkshop;
let account: string;

beforeAll(async () => {
  aws = await openAwsWorkshop();
  account = aws.estate.awsOrganization.managementAccountId;
  await aws.close();
  const trailLookups = [{ account, region: REGION, records }];
  aws = await openAwsWorkshop({ trailLookups, lookupsPerSecond: 10_000 });
  // Two days with 130 events each, four days apart, and one event of 100 days ago.
  for (let n = 0; n < 260; n += 1) add((n < 130 ? 5.5 : 1.5) * DAY_MS - (n % 130) * 11_000);
  add(100 * DAY_MS);
});
afterEach(() => aws.server.reset());
afterAll(() => aws.close());

function add(agoMs: number, changes: Partial<HistoryRecord> = {}): HistoryRecord {
  const record = {
    eventVersion: "1.11",
    eventID: `event-${records.length}`,
    eventTime: `${new Date(NOW.getTime() - agoMs).toISOString().slice(0, 19)}Z`,
    eventSource: "iam.amazonaws.com",
    eventName: "AttachRolePolicy",
    awsRegion: REGION,
    recipientAccountId: account,
    readOnly: false,
    userIdentity: { type: "AssumedRole", arn: `arn:aws:sts::${account}:assumed-role/admin/ada@example.com` },
    ...changes,
  };
  records.push(record);
  return record;
}

const spec = (settings: object = {}) =>
  cloudTrailSpec.parse({ kind: "aws-cloudtrail", ...aws.connection, region: REGION, days: 7, ...settings });

type Look = { cursor?: unknown; now?: Date; batches?: number; settings?: object };

/** Reads so many batches, or all; answers what they held and the cursor of the last one. */
async function look({ cursor = null, now = NOW, batches = Infinity, settings = {} }: Look = {}) {
  const read: EventBatch[] = [];
  const options = { gate: openGate, signal, now, cursor, onProgress: () => undefined };
  for await (const batch of readCloudTrail("trail", spec(settings), `${account}/${REGION}`, options)) {
    read.push(batch);
    if (read.length === batches) break;
  }
  const keys = read.flatMap(({ events }) => events.map(({ eventKey }) => eventKey));
  const findings = read.flatMap((batch) => batch.findings.map(({ code }) => code));
  return { keys, findings, events: read.flatMap(({ events }) => events), cursor: read.at(-1)?.cursor };
}
const lookups = () => aws.server.calls.filter(({ operation }) => operation === "LookupEvents").length;
const WITHIN_REACH = Array.from({ length: 260 }, (_, n) => `event-${n}`);

describe("a trail without a bucket", () => {
  test("is looked up by the account of its credentials, in each of its regions", async () => {
    const slices = await planCloudTrail(spec({ regions: [REGION, "us-east-1"] }), {
      gate: openGate,
      signal,
      logicalTime: NOW,
    });
    expect(slices.map(({ period }) => period)).toEqual([`${account}/${REGION}`, `${account}/us-east-1`]);
  });

  test("has every event, over pages and days, as its log files would have it", async () => {
    const { keys, events } = await look();
    expect(new Set(keys)).toEqual(new Set(WITHIN_REACH));
    expect(keys).toHaveLength(260);
    expect(events[0]).toMatchObject({
      sourceKey: "trail",
      action: "iam.amazonaws.com:AttachRolePolicy",
      verbClass: "admin",
      person: "ada@example.com",
      accountId: account,
    });
  });

  test("goes on where it was: what was kept is not asked for again", async () => {
    const first = await look({ batches: 2 });
    const whole = lookups();
    const rest = await look({ cursor: JSON.parse(JSON.stringify(first.cursor)) });
    expect(new Set([...first.keys, ...rest.keys])).toEqual(new Set(WITHIN_REACH));
    expect(lookups() - whole).toBeLessThanOrEqual(10);
    const again = await look({ cursor: rest.cursor, now: new Date(NOW.getTime() + MINUTE_MS) });
    expect(again.keys).toEqual([]);
    expect(lookups() - whole).toBeLessThanOrEqual(11);
  });

  test("finds what came late within the hour, and tells the same event by the same key", async () => {
    const { cursor } = await look();
    const late = add(40 * MINUTE_MS);
    const next = await look({ cursor, now: new Date(NOW.getTime() + 15 * MINUTE_MS) });
    expect(next.keys).toEqual([late.eventID]);
    const after = await look({ cursor: next.cursor, now: new Date(NOW.getTime() + 16 * MINUTE_MS) });
    expect(after.keys).toEqual([late.eventID]);
    records.pop();
  });

  test("finds what came later than that within the day, once a day and wherever it is broken off", async () => {
    const { cursor } = await look();
    const late = Array.from({ length: 700 }, (_, n) => add(5 * 60 * MINUTE_MS + n * 1_000).eventID);
    const hour = await look({ cursor, now: new Date(NOW.getTime() + 15 * MINUTE_MS) });
    expect(hour.keys).toEqual([]);
    const nextDay = new Date(NOW.getTime() + DAY_MS);
    // Before there was a second look a day, nobody had noted when it was.
    const { dayAgainAt: _, ...older } = hour.cursor as Record<string, unknown>;
    for (const kept of [hour.cursor, older]) {
      const begun = await look({ cursor: kept, now: nextDay, batches: 1 });
      expect(begun.keys).toHaveLength(500);
      const rest = await look({
        cursor: JSON.parse(JSON.stringify(begun.cursor)),
        now: new Date(nextDay.getTime() + MINUTE_MS),
      });
      expect(new Set([...begun.keys, ...rest.keys])).toEqual(new Set(late));
      const again = await look({ cursor: rest.cursor, now: new Date(nextDay.getTime() + 23 * 60 * MINUTE_MS) });
      expect(again.keys).toEqual([]);
    }
    records.splice(-late.length);
  });

  test("waits where AWS throttles, passes empty pages, and asks anew where a token is refused", async () => {
    aws.server.faults.throttle(2, { operation: "LookupEvents" });
    aws.server.faults.emptyPage(1, { operation: "LookupEvents" });
    aws.server.faults.expireToken(3, { operation: "LookupEvents" });
    const { keys } = await look();
    expect(new Set(keys)).toEqual(new Set(WITHIN_REACH));
    expect(aws.server.calls.filter(({ errorCode }) => errorCode !== null).map(({ errorCode }) => errorCode)).toEqual([
      "ThrottlingException",
      "ThrottlingException",
      "InvalidNextTokenException",
    ]);
  });

  test("says what it was too late for, and keeps a record that it does not understand out", async () => {
    const cursor = { lookedUpTo: new Date(NOW.getTime() - 120 * DAY_MS).toISOString(), open: null };
    add(2.3 * DAY_MS, { userIdentity: "a text" });
    const { keys, findings } = await look({ cursor });
    records.pop();
    expect(new Set(keys)).toEqual(new Set(WITHIN_REACH));
    expect(findings).toEqual(["lookup_out_of_reach", "event_not_understood"]);
  });

  test("is denied by the name of the permission, and not read as empty", async () => {
    aws.server.faults.denyAction("cloudtrail:LookupEvents");
    await expect(look()).rejects.toMatchObject({ code: "denied" });
    const results = await checkCloudTrail(spec(), { gate: openGate, now: NOW, signal });
    expect(results.map(({ ok }) => ok)).toEqual([true, false]);
  });

  test("refuses another account's slice, and settings of a bucket", async () => {
    const options = { gate: openGate, signal, now: NOW, cursor: null, onProgress: () => undefined };
    const foreign = readCloudTrail("trail", spec(), `111122223333/${REGION}`, options);
    await expect(foreign[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "not_found" });
    expect(() => spec({ organizationId: "o-exampleorg1" })).toThrow("needs its bucket");
    expect(() => spec({ accountRole: "reader" })).toThrow("belong together");
    expect(() => spec({ bucket: BUCKET, regions: [REGION] })).toThrow("the bucket itself");
  });

  test("that writes to a bucket later on tells of no event under another key", async () => {
    const { events, cursor } = await look();
    const folder = new Date(NOW.getTime() - DAY_MS).toISOString().slice(0, 10).replaceAll("-", "/");
    const file = `AWSLogs/${account}/CloudTrail/${REGION}/${folder}/${account}_CloudTrail_${REGION}_x.json`;
    const path = join(aws.scratchDir, BUCKET, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify({ Records: records.slice(130, 260) }));
    const fromBucket = await look({ cursor, settings: { bucket: BUCKET } });
    expect(fromBucket.events).toHaveLength(130);
    const keyOf = ({ sourceKey, eventKey, occurredAt }: (typeof events)[number]) =>
      `${sourceKey} ${eventKey} ${occurredAt.toISOString()}`;
    const known = new Set(events.map(keyOf));
    expect(fromBucket.events.filter((event) => !known.has(keyOf(event)))).toEqual([]);
    // And back again.
    expect((await look({ cursor: fromBucket.cursor })).keys).toHaveLength(260);
  });
});

describe("the demo's CloudTrail", () => {
  const send = (input: LookupEventsCommandInput) =>
    new CloudTrailClient({
      endpoint: aws.server.url,
      region: REGION,
      credentials: DEMO_CREDENTIALS,
      maxAttempts: 1,
    }).send(new LookupEventsCommand(input));

  test.each<[string, LookupEventsCommandInput, string]>([
    ["more than 50 results", { MaxResults: 51 }, "InvalidMaxResultsException"],
    ["none", { MaxResults: 0 }, "InvalidMaxResultsException"],
    ["a range that ends before it begins", { StartTime: NOW, EndTime: new Date(0) }, "InvalidTimeRangeException"],
    ["a token of nobody", { NextToken: "x.y" }, "InvalidNextTokenException"],
  ])("refuses %s", async (_what, input, name) => {
    await expect(send(input)).rejects.toMatchObject({ name });
  });

  test("takes one attribute, and refuses a token with other parameters", async () => {
    const EventTime = { EndTime: new Date(NOW.getTime() - 2 * DAY_MS) };
    const page = await send({ ...EventTime, MaxResults: 10 });
    expect(page.Events).toHaveLength(10);
    await expect(send({ MaxResults: 10, NextToken: page.NextToken })).rejects.toMatchObject({
      name: "InvalidNextTokenException",
    });
    const found = await send({ LookupAttributes: [{ AttributeKey: "EventId", AttributeValue: "event-7" }] });
    expect(found.Events?.map(({ EventId }) => EventId)).toEqual(["event-7"]);
    const two = (["EventId", "EventName"] as const).map((AttributeKey) => ({ AttributeKey, AttributeValue: "x" }));
    await expect(send({ LookupAttributes: two })).rejects.toMatchObject({ name: "InvalidLookupAttributesException" });
  });
});

describe("a log file that no digest names", () => {
  const bucket = "unnamed";
  const start = Date.parse("2026-10-01T00:00:00Z");
  const hour = (n: number) => new Date(start + n * 60 * MINUTE_MS);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { der, fingerprint } = publicHalf(privateKey);
  let server: AwsServer;
  let before: SignedDigest | null = null;
  beforeAll(async () => {
    const trailKeys = [{ region: REGION, fingerprint, der, from: hour(-24), to: hour(24 * 30) }];
    server = await startAws({ root: aws.scratchDir, estate: aws.estate, trailKeys });
  });
  afterAll(() => server.close());

  const place = () => ({ root: aws.scratchDir, bucket });
  async function write(at: Date, eventID: string, name?: string) {
    const stamped = `${account}_CloudTrail_${REGION}_${stamp(at).slice(0, 13)}Z_${eventID}.json.gz`;
    const key = `AWSLogs/${account}/CloudTrail/${REGION}/${folder(at)}/${name ?? stamped}`;
    const [record] = records;
    const hash = await putPacked(place(), key, JSON.stringify({ Records: [{ ...record, eventID }] }));
    return { key, hash };
  }
  async function digest(from: Date, to: Date, files: DigestedFile[], key = privateKey) {
    const plan = { account, region: REGION, prefix: "AWSLogs/", trail: "all", from, to, files, before };
    before = await writeDigest(place(), plan, { privateKey: key, fingerprint });
  }
  async function readAt(now: Date, cursor: unknown, batches = Infinity) {
    const settings = { bucket, endpoint: server.url, days: 30, lateDays: 20 };
    const read = await look({ now, cursor, batches, settings });
    return { ...read, cursor: JSON.parse(JSON.stringify(read.cursor)) as unknown };
  }

  test("is told once the digests of its time and of the day after it are there, and is no forgery before", async () => {
    await digest(hour(0), hour(6), [await write(hour(3), "named")]);
    const [open] = [await write(hour(8), "open"), await write(hour(9), "slow")];
    const first = await readAt(hour(10), null);
    expect([first.keys.toSorted(), first.findings]).toEqual([["named", "open", "slow"], []]);
    await digest(hour(6), hour(20), [open]);
    // What comes when all of its digests are there is not taken, whatever it is called.
    const second = await readAt(hour(21), first.cursor);
    expect([second.keys, second.findings]).toEqual([[], []]);
    await digest(hour(20), hour(60), []);
    await write(hour(7), "forged");
    await write(hour(0), "early");
    await write(hour(-0.05), "before");
    await write(hour(7), "hidden", "notes.json.gz");
    const third = await readAt(hour(61), second.cursor);
    // One from before the first of them could not be in any.
    expect(third.keys).toEqual(["before"]);
    expect(third.findings).toEqual(Array.from({ length: 4 }, () => "file_unnamed"));
    const again = await readAt(hour(62), third.cursor);
    expect([again.keys, again.findings]).toEqual([[], []]);
    // CloudTrail adds a digest for what it had left out: one of the two was its own after all.
    const late = await write(hour(7), "forged");
    const added = { account, region: REGION, prefix: "AWSLogs/", trail: "all", from: hour(6), to: hour(20) };
    const signer = { privateKey, fingerprint };
    await writeDigest(place(), { ...added, files: [late], before: null, backfilledAt: hour(63) }, signer);
    const fourth = await readAt(hour(64), again.cursor);
    expect([fourth.keys, fourth.findings]).toEqual([["forged"], ["file_named"]]);
    expect((await readAt(hour(65), fourth.cursor)).keys).toEqual([]);
  });

  test("takes what a broken digest is told by with the first part of many events, whose cursor is past it", async () => {
    const calm = await readAt(hour(66), null);
    const many = Array.from({ length: 20_400 }, (_, n) => ({ ...records[0], eventID: `many-${n}` }));
    const key = `AWSLogs/${account}/CloudTrail/${REGION}/${folder(hour(67))}/many.json.gz`;
    await putPacked(place(), key, JSON.stringify({ Records: many }));
    await digest(hour(60), hour(68), [], generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
    // Whoever reads is killed after the first part.
    const first = await readAt(hour(69), calm.cursor, 1);
    expect(first.events).toHaveLength(20_000);
    const rest = await readAt(hour(69), first.cursor);
    expect([...first.findings, ...rest.findings]).toContain("digest_broken");
    expect(new Set([...first.keys, ...rest.keys]).size).toBe(many.length);
  });

  test("that was read and is deleted is told once, and so is a digest; put back they are what they were", async () => {
    const lost = await write(hour(71), "lost");
    await digest(hour(68), hour(72), [lost]);
    const deleted = [lost.key, before?.key ?? ""].map((key) => join(aws.scratchDir, bucket, key));
    await digest(hour(72), hour(96), []);
    const calm = await readAt(hour(97), null);
    await Promise.all(deleted.map((path) => rename(path, `${path}.deleted`)));
    const first = await readAt(hour(98), calm.cursor);
    expect([first.keys, first.findings]).toEqual([[], ["digest_broken", "file_deleted"]]);
    await digest(hour(96), hour(98), []);
    const again = await readAt(hour(99), first.cursor);
    expect([again.keys, again.findings]).toEqual([[], []]);
    await Promise.all(deleted.map((path) => rename(`${path}.deleted`, path)));
    const back = await readAt(hour(100), again.cursor);
    expect([back.keys, back.findings]).toEqual([["lost"], ["digest_late", "file_restored"]]);
    const calmAgain = await readAt(hour(101), back.cursor);
    expect([calmAgain.keys, calmAgain.findings]).toEqual([[], []]);
    // Something else under its name is not taken.
    await rename(deleted[0] ?? "", `${deleted[0]}.deleted`);
    const gone = await readAt(hour(102), calmAgain.cursor);
    await putPacked(place(), lost.key, JSON.stringify({ Records: [{ ...records[0], eventID: "put there" }] }));
    const other = await readAt(hour(103), gone.cursor);
    expect([gone.findings, other.keys, other.findings]).toEqual([["file_deleted"], [], ["file_changed"]]);
  });
});
