import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openOcsfWriter } from "#lib/reports/compliance/ocsf-writer.ts";
import { openOscalWriter, type OscalHead } from "#lib/reports/compliance/oscal-writer.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";
import { hasNistSchemas, nistErrors } from "./nist-schema.ts";

const HEAD: OscalHead = {
  title: "Compliance: Test 1.0",
  version: "0.1.0",
  asOf: "2026-07-01T00:00:00.000Z",
  from: "2026-04-01T00:00:00.000Z",
  identity: "{}",
  framework: {
    id: "test",
    name: "Test",
    version: "1.0",
    controls: [
      { id: "1.4", title: "Encrypted", manual: null },
      { id: "A.5.1 b", title: "Policies", manual: "Show the policy." },
      { id: "2.1", title: "Met", manual: null },
      { id: "2.2", title: "Met as far as anybody looked", manual: null },
    ],
  },
  notKnown: new Set(["2.2"]),
};

const row = (changes: Partial<EvaluationRow>): EvaluationRow => ({
  evaluationId: "7",
  sourceKey: "config",
  part: "one",
  ruleKey: "ENCRYPTED_VOLUMES",
  ruleTitle: "Volumes are\nencrypted",
  severity: "high",
  controls: ["1.4"],
  resource: {
    id: 1,
    kind: "AWS::EC2::Volume",
    key: "arn:aws:ec2:vol-1",
    name: "",
    accountId: "1",
    region: "eu-central-1",
    clusterKey: null,
    namespaceUid: null,
  },
  teamKey: "",
  environment: "prod",
  verdict: "fail",
  note: " ",
  from: "2026-04-01T00:00:00.000Z",
  to: null,
  heldFrom: "2026-01-01T00:00:00.000Z",
  recordedAt: "2026-04-01T06:00:00.000Z",
  waiver: null,
  evidenceHash: "ab",
  isGap: false,
  ...changes,
});
const ROWS = [
  row({}),
  row({ evaluationId: "8", verdict: "pass" }),
  row({ evaluationId: "9", waiver: { id: 3, reason: "Goes\nin May", endsAt: "2026-08-01T00:00:00.000Z" } }),
  row({ evaluationId: "10", verdict: "unknown", severity: null, evidenceHash: null }),
  row({ evaluationId: "11", verdict: "pass", isGap: true }),
  row({ evaluationId: "12", verdict: "pass", controls: ["2.1", "2.2"] }),
];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bursar-oscal-"));
  await write(folder, ROWS);
  await write(join(folder, "empty"), []);
  for (const name of ["again"]) await write(join(folder, name), ROWS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function write(to: string, rows: EvaluationRow[]): Promise<void> {
  for (const writer of [await openOscalWriter(to, HEAD), await openOcsfWriter(to, HEAD)]) {
    await writer.push(rows);
    await writer.end();
  }
}

const read = (name: string) => readFileSync(join(folder, name), "utf8");

test
  .skipIf(!hasNistSchemas)
  .each(["oscal/assessment-results.json", "oscal/assessment-plan.json", "empty/oscal/assessment-results.json"])(
  "%s is valid by NIST's schema",
  (name) => {
    expect(nistErrors(name.includes("plan") ? "plan" : "results", read(name))).toEqual([]);
  },
);

test.skipIf(!hasNistSchemas)("a word that OSCAL does not have is refused by NIST's schema", () => {
  const changed = read("oscal/assessment-results.json").replace('"not-satisfied"', '"failed"');
  expect(nistErrors("results", changed)).not.toEqual([]);
});

test("each evaluation is an observation and each control a finding; unknown and not evaluated are never satisfied", () => {
  const document = JSON.parse(read("oscal/assessment-results.json")) as {
    "assessment-results": {
      results: { observations: object[]; findings: { target: object; description: string }[] }[];
    };
  };
  const result = document["assessment-results"].results[0]!;
  expect(result.observations).toHaveLength(6);
  expect(result.findings.map(({ target }) => target)).toEqual([
    { type: "objective-id", "target-id": "_1.4", status: { state: "not-satisfied", reason: "fail" } },
    { type: "objective-id", "target-id": "A.5.1_b", status: { state: "not-satisfied", reason: "other" } },
    { type: "objective-id", "target-id": "_2.1", status: { state: "satisfied", reason: "pass" } },
    { type: "objective-id", "target-id": "_2.2", status: { state: "not-satisfied", reason: "other" } },
  ]);
  expect(result.findings[0]?.description).toContain(
    "1 pass, 1 fail, 1 waived, 1 unknown, 0 not applicable, 1 not evaluated",
  );
});

test("the same report has the same identifiers", () => {
  expect(read("again/oscal/assessment-results.json")).toBe(read("oscal/assessment-results.json"));
});

test("OCSF findings say fail of what is waived, and unknown of what was not evaluated", () => {
  const findings = read("ocsf/compliance-findings.jsonl")
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as {
          compliance: { status_id: number };
          status_id: number;
          class_uid: number;
          type_uid: number;
        },
    );
  expect(findings.map(({ compliance, status_id }) => [compliance.status_id, status_id])).toEqual([
    [3, 1],
    [1, 1],
    [3, 3],
    [0, 1],
    [0, 1],
    [1, 1],
  ]);
  expect(new Set(findings.map(({ class_uid, type_uid }) => `${class_uid} ${type_uid}`))).toEqual(
    new Set(["2003 200301"]),
  );
});
