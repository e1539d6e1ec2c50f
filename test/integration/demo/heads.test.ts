import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { makeLockedBucket, openLockedBucket } from "#demo/aws/s3-versions.ts";
import { DEMO_SECRET_VARIABLE, HEADS, writeDemoConfig } from "#demo/exports/bursar-config.ts";
import { startTimeStampAuthority, type DemoAuthority } from "#demo/timestamps/authority.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { checkTrail } from "#lib/services/trail/verify/check-trail.ts";
import { headName } from "#lib/services/trail/heads/head-places.ts";
import { readBucketHeads } from "#lib/services/trail/heads/read-bucket-heads.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { eventOf } from "#test/integration/services/trail-workshop.ts";
import { openAwsWorkshop, type AwsWorkshop } from "#test/integration/sources/aws-estate.ts";

let aws: AwsWorkshop;
let authority: DemoAuthority;
let scratch: TestDatabase;
const home = mkdtempSync(join(tmpdir(), "bursar-demo-heads-"));
const NAMES = ["BURSAR_CONFIG", "BURSAR_HOME", DEMO_SECRET_VARIABLE] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);

beforeAll(async () => {
  [aws, authority, scratch] = [await openAwsWorkshop(), await startTimeStampAuthority(), await createTestDatabase()];
  process.env["BURSAR_HOME"] = home;
  process.env[DEMO_SECRET_VARIABLE] = DEMO_CREDENTIALS.secretAccessKey;
  process.env["BURSAR_CONFIG"] = await writeDemoConfig(home, aws.estate, aws.server.port, {
    trail: true,
    timestamps: authority.url,
  });
  makeLockedBucket(aws.scratchDir, HEADS.bucket);
});
afterAll(async () => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  await scratch.drop();
  await authority.close();
  await aws.close();
  rmSync(home, { recursive: true, force: true });
});

test("the demo's own configuration keeps heads in its bucket, by a role that deletes nothing", async () => {
  const { database } = scratch;
  const context = { actor: SYSTEM_ACTOR, database, now: new Date() };
  await database.transact(({ sql }) => appendEvents(sql, [eventOf(1), eventOf(2)], context.now));
  expect(await sealTrail(context)).toEqual({ size: 2, failed: [] });
  const objects = openLockedBucket(aws.scratchDir, HEADS.bucket).list("");
  expect(objects.map(({ key, versions }) => [key, versions[0]?.lock?.mode])).toEqual(
    ["json", "tsr"].map((ending) => [`${HEADS.prefix}/${headName(2)}.${ending}`, "COMPLIANCE"]),
  );
  const kept = await readBucketHeads(context);
  const { publicPem: publicKey } = openFileKey(home);
  expect(await checkTrail(context, { kept, publicKey, authority: authority.certificatePem })).toMatchObject({
    damages: [],
    heads: 1,
    stamps: { count: 1, last: { size: 2, isTrusted: true } },
  });
});
