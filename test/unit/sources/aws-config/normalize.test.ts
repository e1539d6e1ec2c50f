import { expect, test } from "vitest";
import type { ConfigAnswer } from "#lib/sources/aws-config/api-types.ts";
import { resourceKey, toItems, verdictOf } from "#lib/sources/aws-config/normalize.ts";
import { MANAGED_RULES } from "#lib/frameworks/managed-rules.ts";
import { RULES_BY_SEVERITY } from "#lib/sources/aws-config/rule-severity.ts";
import { bareName, describeRule, ruleKeyOf } from "#lib/sources/aws-config/rule.ts";
import { awsConfigSpec } from "#lib/sources/aws-config/spec.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const ACCOUNT = { accountId: "111122223333", inventory: new Map() };

function answer(more: Partial<ConfigAnswer> = {}): ConfigAnswer {
  return {
    ruleName: "encrypted-volumes",
    region: "eu-central-1",
    resourceType: "AWS::EC2::Volume",
    resourceId: "vol-1",
    complianceType: "COMPLIANT",
    annotation: null,
    mode: "DETECTIVE",
    recordedAt: new Date("2026-11-01T00:00:00Z"),
    ...more,
  };
}

test.each([
  ["COMPLIANT", "pass"],
  ["NON_COMPLIANT", "fail"],
  ["NOT_APPLICABLE", "not_applicable"],
  ["INSUFFICIENT_DATA", "unknown"],
  ["SOMETHING_NEW", "unknown"],
  [null, "unknown"],
])("what AWS calls %s is %s", (complianceType, verdict) => {
  expect(verdictOf(complianceType)).toBe(verdict);
});

test("one failure among the answers fails the resource since the first of the failures, and all answers are kept", () => {
  const items = toItems(
    "ENCRYPTED_VOLUMES",
    [
      answer({
        ruleName: "b",
        complianceType: "NON_COMPLIANT",
        annotation: "Plain.",
        recordedAt: new Date("2026-11-05"),
      }),
      answer({ ruleName: "c", complianceType: "NON_COMPLIANT", recordedAt: new Date("2026-11-03") }),
      answer({ ruleName: "a" }),
    ],
    ACCOUNT,
    NOW,
  );
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ verdict: "fail", note: "Plain.", from: new Date("2026-11-03"), to: null });
  expect(items[0]?.evidence).toMatchObject({ answers: [{ ruleName: "a" }, { ruleName: "b" }, { ruleName: "c" }] });
});

test("a resource passes since the last of the answers began to pass", () => {
  const later = answer({ ruleName: "b", recordedAt: new Date("2026-11-09") });
  expect(toItems("R", [later, answer()], ACCOUNT, NOW)[0]).toMatchObject({
    verdict: "pass",
    from: new Date("2026-11-09"),
  });
});

test("too little data beside a pass is unknown, with a sentence that says so", () => {
  const unsure = answer({ ruleName: "b", complianceType: "INSUFFICIENT_DATA" });
  expect(toItems("R", [answer(), unsure], ACCOUNT, NOW)[0]).toMatchObject({
    verdict: "unknown",
    note: "AWS Config has too little data to evaluate the rule.",
  });
});

test("an instant in the future counts from this look on", () => {
  const ahead = answer({ recordedAt: new Date("2026-11-22") });
  expect(toItems("R", [ahead], ACCOUNT, NOW)[0]?.from).toBeNull();
});

test("evidence is the same when only the instants of the evaluation moved", () => {
  const evidence = (recordedAt: Date) => toItems("R", [answer({ recordedAt })], ACCOUNT, NOW)[0]?.evidence;
  expect(evidence(new Date("2026-11-02"))).toEqual(evidence(new Date("2026-11-20")));
});

test.each([
  ["AWS::S3::Bucket", "reports", "arn:aws:s3:::reports"],
  ["AWS::EC2::Volume", "vol-1", "arn:aws:ec2:eu-central-1:111122223333:volume/vol-1"],
  ["AWS::::Account", "111122223333", "111122223333"],
  ["AWS::RDS::DBInstance", "db-ABC", "111122223333/eu-central-1/AWS::RDS::DBInstance/db-ABC"],
  ["AWS::IAM::User", "AIDA1", "111122223333/global/AWS::IAM::User/AIDA1"],
  ["AWS::SNS::Topic", "arn:aws:sns:eu-central-1:1:t", "arn:aws:sns:eu-central-1:1:t"],
])("a %s is known as it is everywhere", (type, id, key) => {
  expect(resourceKey("111122223333", "eu-central-1", type, id)).toBe(key);
});

test.each([
  ["OrgConfigRule-encrypted-volumes-a1b2c3d4", "encrypted-volumes", "organization rule"],
  ["s3-bucket-logging-enabled-conformance-pack-x1y2z3abc", "s3-bucket-logging-enabled", "conformance pack"],
  ["securityhub-s3-bucket-ssl-requests-only-1a2b3c4d", "s3-bucket-ssl-requests-only", "AWS Security Hub"],
  ["AWSControlTower_AWS-GR_ENCRYPTED_VOLUMES", "AWSControlTower_AWS-GR_ENCRYPTED_VOLUMES", "AWS Control Tower"],
  ["our-rule", "our-rule", null],
])("%s was called %s by whoever chose its name", (name, bare, by) => {
  expect(bareName(name)).toEqual({ name: bare, by });
});

test("a rule is its managed identifier, then what the settings say, then its own name", () => {
  const rule = { name: "our-volumes", region: "eu-central-1", packs: [], definition: null };
  const managed = { Source: { Owner: "AWS" as const, SourceIdentifier: "ENCRYPTED_VOLUMES" } };
  expect(ruleKeyOf({ ...rule, definition: managed }, {})).toBe("ENCRYPTED_VOLUMES");
  expect(ruleKeyOf(rule, { "our-volumes": "ENCRYPTED_VOLUMES" })).toBe("ENCRYPTED_VOLUMES");
  expect(ruleKeyOf(rule, {})).toBe("aws-config:our-volumes");
  expect(ruleKeyOf({ ...rule, name: "securityhub-encrypted-volumes-1a2b3c4d" }, {})).toBe("ENCRYPTED_VOLUMES");
});

test.each([
  ["S3_BUCKET_PUBLIC_READ_PROHIBITED", {}, "critical"],
  ["INCOMING_SSH_DISABLED", {}, "high"],
  ["ENCRYPTED_VOLUMES", {}, "medium"],
  ["S3_BUCKET_VERSIONING_ENABLED", {}, "low"],
  ["SOME_RULE_OF_NEXT_YEAR", {}, "medium"],
  ["aws-config:our-volumes", {}, "medium"],
  ["aws-config:our-volumes", { "our-volumes": "high" as const }, "high"],
  ["S3_BUCKET_PUBLIC_READ_PROHIBITED", { S3_BUCKET_PUBLIC_READ_PROHIBITED: "low" as const }, "low"],
])("a failure of %s is, with the settings %j, %s", (ruleKey, severities, severity) => {
  expect(describeRule(ruleKey, [], severities).severity).toBe(severity);
});

test("every rule with a severity of its own is one that a framework names, and has one alone", () => {
  const rules = Object.values(RULES_BY_SEVERITY).flat();
  expect(rules.filter((rule) => !MANAGED_RULES.includes(rule))).toEqual([]);
  expect(new Set(rules).size).toBe(rules.length);
});

test("a rule tells who brought it and where AWS describes it", () => {
  const described = describeRule("S3_BUCKET_LOGGING_ENABLED", [
    {
      name: "s3-bucket-logging-enabled-conformance-pack-x1y2z3abc",
      region: "eu-central-1",
      packs: ["core"],
      definition: null,
    },
    { name: "AWSControlTower_X", region: "eu-central-1", packs: [], definition: null },
  ]);
  expect(described.title).toBe("S3 bucket logging enabled");
  expect(described.details).toEqual({
    owner: "AWS",
    deployedBy: ["AWS Control Tower", "conformance pack core"],
    documentation: "https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-logging-enabled.html",
  });
});

test.each([
  [{}, "either an aggregator or an accountRole"],
  [{ aggregator: "a", accountRole: "r" }, "either an aggregator or an accountRole"],
  [{ aggregator: "a" }, "stands in one region"],
  [{ accountRole: "r", regions: ["eu-central-1"] }, "for the accounts that are listed"],
  [{ accountRole: "r", accounts: ["111122223333"] }, "the regions have to be listed"],
  [{ aggregator: "a", region: "eu-central-1", externalId: "xy" }, "for the role of a roleArn"],
])("settings %j are refused", (settings, message) => {
  const parsed = awsConfigSpec.safeParse({ kind: "aws-config", ...settings });
  expect(parsed.error?.issues.map((issue) => issue.message).join(" ")).toContain(message);
});
