import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeKmsKey, type KmsDemoKey } from "#demo/aws/kms/service.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { writeBundle } from "#lib/reports/bundle/write-bundle.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { readSigningKey } from "#lib/services/reports/read-signing-key.ts";
import { openSigningKey, publicKeysOf } from "#lib/services/signing/open-signing-key.ts";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import { recentBillRange } from "#lib/services/api/bill-range.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import { headStatement } from "#lib/services/trail/heads/tree-head.ts";
import { contentOf, HEAD, ROWS } from "#test/unit/reports/bundle-fixture.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";
import { verifiedByScript } from "#test/integration/services/trail-workshop.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

let aws: AwsWorkshop;
let scratch: TestDatabase;
let home: string;
let roleArn: string;
const before = { BURSAR_CONFIG: process.env["BURSAR_CONFIG"], BURSAR_HOME: process.env["BURSAR_HOME"] };
const REGION = "eu-central-1";

beforeAll(async () => {
  scratch = await createTestDatabase();
  const kmsKeys: KmsDemoKey[] = [];
  aws = await openAwsWorkshop({ kmsKeys });
  const account = aws.estate.awsOrganization.managementAccountId;
  const odd = (id: string, changes: object) => makeKmsKey(account, REGION, { id, alias: `alias/${id}`, ...changes });
  kmsKeys.push(
    makeKmsKey(account, REGION),
    odd("disabled", { state: "Disabled" }),
    odd("leaving", { state: "PendingDeletion" }),
    odd("elliptic", { keySpec: "ECC_NIST_P256" }),
  );
  roleArn = `arn:aws:iam::${account}:role/bursar-sign`;
  home = await mkdtemp(join(tmpdir(), "bursar-kms-"));
  process.env["BURSAR_HOME"] = home;
  process.env["BURSAR_CONFIG"] = join(home, "bursar.yaml");
});
afterEach(() => aws.server.reset());
afterAll(async () => {
  for (const [name, value] of Object.entries(before))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  rmSync(home, { recursive: true, force: true });
  await aws.close();
  await scratch.drop();
});

/** The settings; each has an external id of its own, so that nothing that another test read is kept. */
let turn = 0;
async function configure(keyId: string, policy = ["kms:GetPublicKey", "kms:Sign"]): Promise<void> {
  turn += 1;
  aws.server.roles.set({ arn: roleArn, policy, externalId: `turn-${turn}` });
  const kms = { ...aws.connection, keyId, region: REGION, roleArn, externalId: `turn-${turn}` };
  await writeFile(join(home, "bursar.yaml"), JSON.stringify({ signing: { kms } }));
}

async function makeBundle(name: string): Promise<string> {
  const path = join(home, name);
  await writeBundle(path, join(home, "scratch", name), { ...HEAD, formats: ["csv", "jsonl"] }, contentOf(ROWS), {
    key: await openSigningKey(scratch),
  });
  return path;
}

test("a bundle and a head of the log are signed by a key that never leaves KMS, and checked without it", async () => {
  await configure("alias/bursar-bundles");
  const path = await makeBundle("signed.zip");
  const { publicKey, keyid } = await readSigningKey(scratch);
  expect(keyid).not.toBe(openFileKey(home).keyid);
  expect(verifyBundle(path, publicKey)).toMatchObject({ ok: true, problems: [] });
  expect(verifiedByScript(path)).toContain("as it was signed");
  // The key was read once, however often it is asked for.
  expect(aws.server.calls.map(({ operation }) => operation)).toEqual(["AssumeRole", "GetPublicKey", "Sign"]);
  const again = await makeBundle("again.zip");
  expect(readFileSync(again)).toEqual(readFileSync(path));
  const head = { size: 12, root: "ab".repeat(32), at: new Date("2026-11-01T00:00:00Z") };
  expect((await headStatement(head, await openSigningKey(scratch))).envelope).toContain(keyid);
  // What the installation's own key signed before is still checked with it.
  expect(await publicKeysOf(scratch)).toBe(publicKey + openFileKey(home).publicPem);
});

test.each([
  ["disabled", "invalid_config", /DisabledException/],
  ["leaving", "invalid_config", /KMSInvalidStateException/],
  ["elliptic", "invalid_config", /cannot sign bundles: its kind is ECC_NIST_P256/],
  ["alias/nobody", "invalid_config", /There is no key alias\/nobody/],
])("the key %s signs nothing, and one sentence says why", async (keyId, code, message) => {
  await configure(keyId);
  await expect(openSigningKey(scratch)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

test("a role that may not, and a service that keeps asking to slow down, leave no bundle", async () => {
  await configure("alias/bursar-bundles", ["kms:GetPublicKey"]);
  await expect(makeBundle("denied.zip")).rejects.toMatchObject({
    code: "denied",
    message: "AWS does not allow kms:Sign on alias/bursar-bundles: nothing can be signed.",
    remedy: expect.stringContaining('"Action":"kms:Sign"') as string,
  });
  await configure("alias/bursar-bundles", []);
  await expect(openSigningKey(scratch)).rejects.toMatchObject({ code: "denied" });
  await configure("alias/bursar-bundles");
  aws.server.faults.throttle(2, { service: "kms", operation: "Sign" });
  expect(existsSync(await makeBundle("late.zip"))).toBe(true);
  aws.server.faults.fail("KMSInternalException", 1, { service: "kms", operation: "Sign" });
  await expect(makeBundle("broken.zip")).rejects.toMatchObject({ code: "unavailable" });
  expect(readdirSync(home).filter((name) => name.endsWith(".zip"))).toEqual(["again.zip", "late.zip", "signed.zip"]);
});

test("each attempt to sign is counted, and waits for the limiter that all workers share", async () => {
  const { pool } = scratch.database;
  await pool.query("TRUNCATE api_limiter, api_request, api_month");
  await configure("alias/bursar-bundles");
  aws.server.faults.throttle(2, { service: "kms", operation: "Sign" });
  const key = await openSigningKey(scratch);
  await key.sign(Buffer.from("counted"));
  const now = new Date();
  const { sources } = await listApiBill(
    { actor: COMMAND_LINE_ACTOR, database: scratch.database, now },
    recentBillRange(now),
  );
  expect(sources).toMatchObject([{ sourceKey: "signing.kms", removed: false, isPriced: false, capUsd: null }]);
  const counted = sources[0]?.operations.map(({ operation, requests, throttled }) => [operation, requests, throttled]);
  expect(counted?.toSorted()).toEqual([
    ["AssumeRole", 1, 0],
    ["GetPublicKey", 1, 0],
    ["Sign", 3, 2],
  ]);
  const account = aws.estate.awsOrganization.managementAccountId;
  const { rowCount } = await pool.query(
    "UPDATE api_limiter SET next_at = now() + interval '1 hour' WHERE api = 'kms' AND account = $1 AND region = $2",
    [account, REGION],
  );
  expect(rowCount).toBe(1);
  const asked = aws.server.calls.length;
  await expect(key.sign(Buffer.from("too early"))).rejects.toMatchObject({ code: "throttled" });
  expect(aws.server.calls.length).toBe(asked);
  await pool.query("TRUNCATE api_limiter");
});

test("what KMS signs is checked before anybody gets it, and no message is longer than it takes", async () => {
  await configure("alias/bursar-bundles");
  const key = await openSigningKey(scratch);
  await expect(key.sign(Buffer.alloc(4_096))).rejects.toMatchObject({ code: "limit_reached" });
  const { endpoint, accessKeyId, secretAccessKey } = aws.connection;
  const kms = new KMSClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const ask = (changes: object) =>
    kms.send(
      new SignCommand({
        KeyId: "alias/bursar-bundles",
        Message: Buffer.from("m"),
        MessageType: "RAW",
        SigningAlgorithm: "ED25519_SHA_512",
        ...changes,
      }),
    );
  await expect(ask({ Message: Buffer.alloc(4_097) })).rejects.toMatchObject({ name: "ValidationException" });
  await expect(ask({ MessageType: "DIGEST" })).rejects.toMatchObject({ name: "ValidationException" });
  await expect(ask({ SigningAlgorithm: "ECDSA_SHA_256" })).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "disabled" }));
  expect(KeyMetadata).toMatchObject({ KeyState: "Disabled", KeyUsage: "SIGN_VERIFY", Enabled: false });
  kms.destroy();
});
