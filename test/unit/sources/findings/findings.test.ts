import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS, startS3 } from "#demo/aws/s3.ts";
import type { EvaluationItem } from "#lib/sources/evaluation-reading.ts";
import { planFindings, readFindings } from "#lib/sources/findings/index.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { findingsSpec } from "#lib/sources/findings/spec.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
let root: string;
let folder: string;

const asff = (more: object = {}) => ({
  SchemaVersion: "2018-10-08",
  ProductName: "Security Hub",
  AwsAccountId: "111122223333",
  Region: "eu-central-1",
  Title: "Buckets refuse public reads",
  UpdatedAt: "2026-11-20T00:00:00Z",
  Severity: { Label: "HIGH" },
  Compliance: { Status: "FAILED", SecurityControlId: "S3.2" },
  Resources: [{ Type: "AwsS3Bucket", Id: "arn:aws:s3:::reports" }],
  ...more,
});
const ocsf = (more: object = {}) => ({
  class_uid: 2003,
  status_code: "PASS",
  severity: "Medium",
  time: 1_795_132_800,
  metadata: { product: { name: "Prowler" }, event_code: "iam_user_mfa" },
  finding_info: { title: "People sign in with a second factor" },
  cloud: { account: { uid: "111122223333" }, region: "eu-central-1" },
  resources: [{ uid: "arn:aws:iam::111122223333:user/one", name: "one", type: "AwsIamUser" }],
  ...more,
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "bursar-findings-"));
  folder = join(root, "scans", "daily");
  const put = async (name: string, content: string) => {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  await put(
    "hub/findings.json",
    JSON.stringify({ Findings: [asff(), asff({ RecordState: "ARCHIVED", Title: "Gone" })] }),
  );
  await put(
    "hub/later.json",
    JSON.stringify([
      asff({ UpdatedAt: "2026-11-21T00:00:00Z", Compliance: { Status: "PASSED", SecurityControlId: "S3.2" } }),
    ]),
  );
  const written = { ...asff(), Id: "one" };
  const archived = { RecordState: "ARCHIVED", UpdatedAt: "2026-11-21T00:00:00Z" };
  const later = { UpdatedAt: "2026-11-21T00:00:00Z" };
  await put("archived/1.json", JSON.stringify([written]));
  await put("archived/2.json", JSON.stringify([{ ...written, ...archived }]));
  await put("archived-nameless/1.json", JSON.stringify([asff()]));
  await put("archived-nameless/2.json", JSON.stringify([asff(archived)]));
  await put("archived-other/1.json", JSON.stringify([written, { ...written, ...archived, Id: "of another standard" }]));
  await put("returned/1.json", JSON.stringify([{ ...written, RecordState: "ARCHIVED" }]));
  await put("returned/2.json", JSON.stringify([{ ...written, ...later, RecordState: "ACTIVE" }]));
  const check = { SecurityControlId: "S3.2" };
  const marked = (Status: string, more: object = {}) => ({ ...written, ...later, Workflow: { Status }, ...more });
  await put("resolved/1.json", JSON.stringify([{ ...written, Compliance: check }]));
  await put("resolved/2.json", JSON.stringify([marked("RESOLVED", { Compliance: check })]));
  await put("resolved-failing/1.json", JSON.stringify([marked("RESOLVED")]));
  await put("suppressed/1.json", JSON.stringify([marked("SUPPRESSED")]));
  const passed = { Compliance: { ...check, Status: "PASSED" } };
  await put("suppressed-passing/1.json", JSON.stringify([marked("SUPPRESSED", passed)]));
  await put("prowler/out.jsonl", `${JSON.stringify(ocsf())}\n${JSON.stringify(ocsf({ class_uid: 1007 }))}\n`);
  await put("old/out.json", JSON.stringify([ocsf({ time: Date.parse("2026-09-01T00:00:00Z") })]));
  await put("broken/out.jsonl", `${JSON.stringify(ocsf())}\n{"class_uid": 2003\n`);
  await put("strange/out.json", '[{"hello": 1}]');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const ASKED = { gate: openGate, signal: new AbortController().signal };

async function read(part: string, place: object = { path: folder }): Promise<EvaluationItem[]> {
  const spec = findingsSpec.parse({ kind: "findings", ...place });
  const slice = (await planFindings(spec, ASKED)).find(({ period }) => period === part);
  if (!slice) throw new Error(`there is no ${part}`);
  const items: EvaluationItem[] = [];
  for await (const batch of (await readFindings(spec, slice, { ...ASKED, now: NOW })).items) items.push(...batch);
  return items;
}

test("of one control and resource the newest finding of Security Hub counts, and archived ones are left out", async () => {
  expect(await read("hub")).toMatchObject([
    {
      ruleKey: "finding:security-hub/S3.2",
      verdict: "pass",
      resource: { key: "arn:aws:s3:::reports", accountId: "111122223333" },
    },
  ]);
});

test.each(["archived", "archived-nameless"])(
  "%s: an archived finding takes the place of what it was before",
  async (part) => {
    expect(await read(part)).toEqual([]);
  },
);

test("a finding stands where another one on the same is archived, and where it is active again", async () => {
  const failing = [{ ruleKey: "finding:security-hub/S3.2", verdict: "fail", note: null }];
  expect(await read("archived-other")).toMatchObject(failing);
  expect(await read("returned")).toMatchObject([{ ...failing[0], from: new Date("2026-11-21T00:00:00Z") }]);
});

test("what is resolved fails no more from then on, but passes by nobody's word while its check fails", async () => {
  const from = new Date("2026-11-21T00:00:00Z");
  expect(await read("resolved")).toMatchObject([
    { verdict: "pass", note: "It is marked as resolved in Security Hub.", from },
  ]);
  expect(await read("resolved-failing")).toMatchObject([
    {
      verdict: "unknown",
      note: "It is marked as resolved in Security Hub, whose check has not passed since.",
      from,
    },
  ]);
});

test("what is suppressed fails as before, and says that it is suppressed", async () => {
  expect(await read("suppressed")).toMatchObject([{ verdict: "fail", note: "It is suppressed in Security Hub." }]);
  expect(await read("suppressed-passing")).toMatchObject([{ verdict: "pass", note: null }]);
});

test("OCSF is read line by line, and classes that say nothing of a resource are left out", async () => {
  expect(await read("prowler")).toMatchObject([
    { ruleKey: "finding:prowler/iam_user_mfa", verdict: "pass", resource: { kind: "AwsIamUser", name: "one" } },
  ]);
});

test("what was last looked at too long ago is unknown", async () => {
  expect(await read("old")).toMatchObject([{ verdict: "unknown", note: expect.stringContaining("2026-09-01") }]);
});

test.each([
  ["broken", "broken/out.jsonl", 2],
  ["strange", "strange/out.json", 1],
])("a file in %s is refused with its name and place", async (part, file, row) => {
  await expect(read(part)).rejects.toMatchObject({ code: "bad_data", place: { file, row } });
});

test("a bucket with the same files says the same, refused keys are an error, and a file that was replaced is refused", async () => {
  const server = await startS3({ root });
  const bucket = {
    bucket: "scans",
    prefix: "daily",
    region: "eu-central-1",
    endpoint: server.url,
    accessKeyId: DEMO_CREDENTIALS.accessKeyId,
    secretAccessKey: DEMO_CREDENTIALS.secretAccessKey,
  };
  try {
    for (const part of ["hub", "prowler", "old"]) expect(await read(part, bucket)).toEqual(await read(part));
    await expect(read("broken", bucket)).rejects.toMatchObject({ place: { file: "broken/out.jsonl", row: 2 } });
    const spec = findingsSpec.parse({ kind: "findings", ...bucket });
    const [slice] = (await planFindings(spec, ASKED)).filter(({ period }) => period === "old");
    if (!slice) throw new Error("there is no such slice");
    await writeFile(join(folder, "old/out.json"), JSON.stringify([ocsf()]));
    await expect(readFindings(spec, slice, { ...ASKED, now: NOW })).rejects.toMatchObject({ code: "bad_data" });
    await expect(read("hub", { ...bucket, secretAccessKey: "wrong" })).rejects.toMatchObject({
      code: expect.stringMatching(/denied|invalid_config/),
    });
    await expect(read("hub", { ...bucket, prefix: "weekly" })).rejects.toMatchObject({ code: "invalid_config" });
  } finally {
    await server.close();
  }
});

test.each([
  [{ path: "a", bucket: "scans" }, "bucket"],
  [{}, "bucket"],
  [{ bucket: "scans" }, "region"],
])("settings %o are refused at %s", (place, field) => {
  const parsed = findingsSpec.safeParse({ kind: "findings", ...place });
  expect(parsed.error?.issues[0]?.path).toEqual([field]);
});
