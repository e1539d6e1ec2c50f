import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  joinDigests,
  type DigestChain,
  type DigestFile,
  type PublicKeys,
} from "#lib/sources/aws-cloudtrail/check-digests.ts";
import { readLogFile } from "#lib/sources/aws-cloudtrail/read-log-file.ts";

const BASE = {
  eventID: "6f1c2a34-0000-4000-8000-000000000001",
  eventTime: "2026-03-01T10:00:00Z",
  eventSource: "s3.amazonaws.com",
  eventName: "PutObject",
  awsRegion: "eu-central-1",
  sourceIPAddress: "192.0.2.1",
  recipientAccountId: "111122223333",
};
const fileOf = (...records: unknown[]) => Buffer.from(JSON.stringify({ Records: records }));
const one = (changes: Record<string, unknown>) => readLogFile("trail", "a.json", fileOf({ ...BASE, ...changes }))[0]!;

describe("who acted", () => {
  const SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/Ada.Example@example.com";
  const ROLE = "arn:aws:sts::111122223333:assumed-role/deploy/build-17";
  test.each([
    [
      "a session of Identity Center",
      { type: "AssumedRole", arn: SSO },
      { actor: SSO, actorKind: "role", person: "ada.example@example.com" },
    ],
    ["a session of a pipeline", { type: "AssumedRole", arn: ROLE }, { actor: ROLE, actorKind: "role", person: null }],
    ["root", { type: "Root", arn: "arn:aws:iam::111122223333:root" }, { actorKind: "root", person: null }],
    [
      "a service",
      { type: "AWSService", invokedBy: "ec2.amazonaws.com" },
      { actor: "ec2.amazonaws.com", actorKind: "service" },
    ],
    [
      "a service about itself",
      { accountId: "111122223333", invokedBy: "kms.amazonaws.com" },
      { actor: "kms.amazonaws.com", actorKind: "service" },
    ],
    [
      "a federated user",
      { type: "SAMLUser", principalId: "xyz:ada@example.com", userName: "ada@example.com" },
      { actorKind: "federated", person: "ada@example.com" },
    ],
    [
      "whoever has no credentials",
      { type: "AWSAccount", principalId: "", accountId: "ANONYMOUS_PRINCIPAL" },
      { actor: "ANONYMOUS_PRINCIPAL", actorKind: "unknown", person: null },
    ],
    ["nobody that is known", { accountId: "111122223333" }, { actor: "111122223333", actorKind: "unknown" }],
  ])("%s", (_who, userIdentity, expected) => {
    expect(one({ userIdentity })).toMatchObject(expected);
  });
});

describe("what was done", () => {
  test.each([
    ["a read", { readOnly: true }, "read"],
    ["an older record without readOnly", { eventName: "DescribeInstances" }, "read"],
    ["a write", { readOnly: false }, "write"],
    ["a change of who may read a bucket", { eventName: "PutBucketPolicy", readOnly: false }, "admin"],
    [
      "the end of a trail",
      { eventSource: "cloudtrail.amazonaws.com", eventName: "StopLogging", readOnly: false },
      "admin",
    ],
  ])("%s", (_what, changes, verbClass) => {
    expect(one(changes).verbClass).toBe(verbClass);
  });

  test.each([
    [{ errorCode: "Client.UnauthorizedOperation" }, "denied"],
    [{ errorCode: "AccessDenied" }, "denied"],
    [{ errorCode: "NoSuchTagSet" }, "failure"],
    [{ eventName: "ConsoleLogin", responseElements: { ConsoleLogin: "Failure" } }, "denied"],
    [{ eventName: "ConsoleLogin", responseElements: { ConsoleLogin: "Success" } }, "success"],
  ])("%j ended in %s", (changes, outcome) => {
    expect(one(changes).outcome).toBe(outcome);
  });

  test.each([
    [{ resources: [{ type: "x" }, { ARN: "arn:aws:s3:::logs" }] }, "arn:aws:s3:::logs"],
    [{ requestParameters: { bucketName: "logs", key: "a" } }, "logs"],
    [{ requestParameters: { instancesSet: { items: [{ instanceId: "i-1" }] } } }, "i-1"],
    [{ requestParameters: null }, ""],
  ])("%j is about %s", (changes, resource) => {
    expect(one(changes).resource).toBe(resource);
  });
});

test.each([
  ["root without it", "Root", "No", "no"],
  ["a user with it", "IAMUser", "Yes", "yes"],
  ["a user of whom nothing is told", "IAMUser", undefined, null],
  ["somebody whom an identity provider asked", "AssumedRole", "No", null],
])("whether a second factor was used is known of %s", (_who, type, MFAUsed, mfa) => {
  const sign = { eventName: "ConsoleLogin", userIdentity: { type, arn: "arn:aws:iam::111122223333:x" } };
  expect(one({ ...sign, additionalEventData: { MFAUsed } }).mfa).toBe(mfa);
  expect(one({ ...sign, eventName: "RunInstances", additionalEventData: { MFAUsed } }).mfa).toBeNull();
});

describe("a log file", () => {
  test("is read packed as well, and keeps each record as it was", () => {
    const [event] = readLogFile("trail", "a.json.gz", gzipSync(fileOf({ ...BASE, unknown: { kept: true } })));
    expect(JSON.parse(new TextDecoder().decode(event!.body))).toMatchObject({ unknown: { kept: true } });
  });

  test.each([
    ["more than it has", Buffer.from([0, 0, 0x40, 0])],
    ["nothing", Buffer.alloc(64)],
  ])("whose last bytes say that it unpacks to %s is read without holding room for it", (_what, padding) => {
    const records = Array.from({ length: 400 }, (_, n) => ({ ...BASE, eventID: String(n) }));
    const files = [records.slice(0, 1), records].map((own) =>
      readLogFile("trail", "a.json.gz", Buffer.concat([gzipSync(fileOf(...own)), padding])),
    );
    expect(files.map(({ length }) => length)).toEqual([1, 400]);
    for (const events of files) {
      const bytes = events.reduce((sum, { body }) => sum + body.length, 0);
      expect(events[0]!.body.buffer.byteLength).toBeLessThan(bytes * 2 + 64 * 1024);
    }
  });

  test.each([
    ["cut off while packed", gzipSync(fileOf(BASE)).subarray(0, 40), "cannot be unpacked"],
    ["cut off", fileOf(BASE).subarray(0, 40), "is not JSON"],
    ["of something else", Buffer.from("{}"), 'no list "Records"'],
    ["with a record without a time", fileOf(BASE, { ...BASE, eventTime: "soon" }), "Record 2 of"],
  ])("that is %s is refused by name", (_what, content, message) => {
    expect(() => readLogFile("trail", "b.json", content)).toThrow(message);
  });
});

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const DER = keys.publicKey.export({ format: "der", type: "pkcs1" });
const hashOf = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

/** Three hours of digests, two log files each, signed as CloudTrail signs. */
function chain(nameOf = (hour: number) => `digests/${hour}.json.gz`): DigestFile[] {
  const digests: DigestFile[] = [];
  for (let hour = 0; hour < 3; hour++) {
    const before = digests.at(-1);
    const digest = {
      awsAccountId: "111122223333",
      digestStartTime: `2026-03-01T0${hour}:00:00Z`,
      digestEndTime: `2026-03-01T0${hour + 1}:00:00Z`,
      digestS3Bucket: "trail",
      digestS3Object: nameOf(hour),
      digestPublicKeyFingerprint: "known",
      digestSignatureAlgorithm: "SHA256withRSA",
      previousDigestS3Bucket: before ? "trail" : null,
      previousDigestS3Object: before?.key ?? null,
      previousDigestHashValue: before ? hashOf(before.content) : null,
      previousDigestHashAlgorithm: before ? "SHA-256" : null,
      previousDigestSignature: before?.signature ?? null,
      logFiles: [`logs/${hour}-a.json.gz`, `logs/${hour}-b.json.gz`].map((name) => ({
        s3Bucket: "trail",
        s3Object: name,
        hashValue: hashOf(Buffer.from(name)),
        hashAlgorithm: "SHA-256",
      })),
    };
    const content = Buffer.from(JSON.stringify(digest));
    const text = [
      digest.digestEndTime,
      `trail/${digest.digestS3Object}`,
      hashOf(content),
      before?.signature ?? "null",
    ].join("\n");
    digests.push({
      key: digest.digestS3Object,
      tag: hashOf(content),
      content,
      signature: sign("RSA-SHA256", Buffer.from(text), keys.privateKey).toString("hex"),
    });
  }
  return digests;
}

const findKey = (fingerprint: string) => (fingerprint === "known" ? DER : undefined);

/** What joining these to what was read before tells, and which of them are believed. */
function join(files: readonly (DigestFile | undefined)[], known: DigestChain = {}, publicKeys = findKey as PublicKeys) {
  const there = files.filter((file) => file !== undefined);
  const place = { publicKeys, prefix: "digests/", oldest: "0.json.gz" };
  const { damages, repairs, believed } = joinDigests(known, there, place);
  return {
    told: [...damages, ...repairs].map(({ kind, key }) => `${kind} ${key}`),
    believed: believed.map(({ digestS3Object }) => digestS3Object),
  };
}

function changed(file: DigestFile): DigestFile {
  const content = Buffer.from(Buffer.from(file.content).toString().replace("-b", "-c"));
  return { ...file, tag: hashOf(content), content };
}

const DIGESTS = ["digests/0.json.gz", "digests/1.json.gz", "digests/2.json.gz"];

describe("a chain of digests", () => {
  test("that is whole has no damage, whichever way it is read", () => {
    const whole = chain();
    expect(join(whole)).toEqual({ told: [], believed: DIGESTS });
    const known: DigestChain = {};
    expect(whole.flatMap((one) => join([one], known).told)).toEqual([]);
    expect(join(whole, known)).toEqual({ told: [], believed: DIGESTS });
  });

  test("names a digest that is gone once, and says when it has come", () => {
    const [first, second, third] = chain();
    const known: DigestChain = {};
    expect(join([first, third], known).told).toEqual(["digest_missing digests/1.json.gz"]);
    expect(join([third], known).told).toEqual([]);
    expect(join([second], known)).toEqual({ told: ["digest_late digests/1.json.gz"], believed: [DIGESTS[1]] });
    expect(join([first, second, third], known).told).toEqual([]);
  });

  test("of two that are gone names the last, and the one before it when that has come", () => {
    const [first, second, third] = chain();
    const known: DigestChain = {};
    const place = { publicKeys: findKey, prefix: "digests/", oldest: "" };
    expect(joinDigests(known, [third!], place).damages.map(({ key }) => key)).toEqual([DIGESTS[1]]);
    expect(joinDigests(known, [second!], place).damages.map(({ key }) => key)).toEqual([DIGESTS[0]]);
    expect(joinDigests(known, [first!], place)).toMatchObject({ damages: [], repairs: [{ kind: "digest_late" }] });
  });

  test("says of one that is gone from when to when nothing shows what was delivered, whatever else is gone", () => {
    const [first, , third] = chain((hour) => `digests/1_CloudTrail-Digest_x_all_x_20260301T0${hour + 1}0000Z.json.gz`);
    const place = { publicKeys: findKey, prefix: "digests/", oldest: "1_" };
    const known: DigestChain = {};
    joinDigests(known, [first!], place);
    // Another trail's digest is none of this one's.
    known["1_CloudTrail-Digest_x_other_x_20260301T013000Z.json.gz"] = { ...known[first!.key.slice(8)]! };
    expect(joinDigests(known, [third!], place).damages[0]?.message).toMatch(
      /which is not there\. Nothing shows what was delivered from 2026-03-01T01:00:00Z to 2026-03-01T02:00:00Z\.$/,
    );
  });

  test("stays broken while its successor comes, as long as it is not put back", () => {
    const [first, second, third] = chain();
    const known: DigestChain = {};
    join([first, { ...second!, signature: null }], known);
    expect(join([third], known).told).toEqual([]);
    expect(known["1.json.gz"]?.isTold).toBe(true);
    expect(join([second], known).told).toEqual(["digest_restored digests/1.json.gz"]);
  });

  test("does not miss what lies before its oldest", () => {
    const [, second, third] = chain();
    const place = { publicKeys: findKey, prefix: "digests/", oldest: "1.json.gz" };
    expect(joinDigests({}, [second!, third!], place).damages).toEqual([]);
  });

  test("names a digest that was changed, by its signature and by the one that follows it, until it is put back", () => {
    const [first, second, third] = chain();
    const known: DigestChain = {};
    expect(join([first, changed(second!), third], known)).toEqual({
      told: ["digest_signature digests/1.json.gz", "digest_changed digests/1.json.gz"],
      believed: [DIGESTS[0], DIGESTS[2]],
    });
    expect(join([changed(second!)], known).told).toEqual([]);
    expect(join([second], known)).toEqual({ told: ["digest_restored digests/1.json.gz"], believed: [DIGESTS[1]] });
    expect(join([changed(second!)], known).told).toHaveLength(2);
  });

  test("does not believe one that is signed and that its successor does not follow", () => {
    const [first] = chain();
    const [, second] = chain();
    const other = { ...JSON.parse(Buffer.from(first!.content).toString()), logFiles: [] };
    const content = Buffer.from(JSON.stringify(other));
    const text = [other.digestEndTime, "trail/digests/0.json.gz", hashOf(content), "null"].join("\n");
    const signature = sign("RSA-SHA256", Buffer.from(text), keys.privateKey).toString("hex");
    const swapped = { key: first!.key, tag: "swapped", content, signature };
    expect(join([swapped, second])).toEqual({ told: ["digest_changed digests/0.json.gz"], believed: [DIGESTS[1]] });
  });

  test("does not take a digest from another place, an unsigned one or one of an unknown key, and is whole beside it", () => {
    const [first, second, third] = chain();
    expect(join([first, second, third, { ...third!, key: "digests/9.json.gz" }])).toEqual({
      told: ["digest_signature digests/9.json.gz"],
      believed: DIGESTS,
    });
    const known: DigestChain = {};
    expect(join([{ ...first!, signature: null }, second, third], known).told).toEqual([
      "digest_signature digests/0.json.gz",
    ]);
    // Its signature is put back, and its version in the bucket is the same.
    expect(join([first], known).told).toEqual(["digest_restored digests/0.json.gz"]);
    expect(join(chain(), {}, () => undefined).told).toEqual(DIGESTS.map((key) => `key_unknown ${key}`));
  });
});
