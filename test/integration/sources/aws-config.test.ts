import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AGGREGATOR } from "#demo/aws/config/aggregator.ts";
import type { OddRule } from "#demo/aws/config/operation.ts";
import { COMPLIANCE_PLANTS } from "#demo/estate/compliance-rules.ts";
import { complianceOf, verdictAt, type ConfigAccount } from "#demo/estate/compliance.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import {
  awsConfigSpec,
  checkConfig,
  planConfigEvaluations,
  readConfigEvaluations,
} from "#lib/sources/aws-config/index.ts";
import { resourceKey, verdictOf } from "#lib/sources/aws-config/normalize.ts";
import type { EvaluationItem } from "#lib/sources/evaluation-reading.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

const NOW = new Date("2026-11-21T09:30:00Z");
const ROLE = "bursar-read-config";
const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;
/** What a test finds odd about a rule, by its name in the account. */
const oddRules = new Map<string, OddRule>();
let aws: AwsWorkshop;
let accounts: ConfigAccount[];

beforeAll(async () => {
  aws = await openAwsWorkshop({ configNow: () => NOW, oddRules });
  accounts = complianceOf(aws.estate);
  aws.server.roles.set({ arn: `arn:aws:iam::${production().account.id}:role/${ROLE}`, policy: ["config:*"] });
}, 60_000);
afterEach(() => {
  oddRules.clear();
  aws.server.reset();
});
afterAll(() => aws.close());

function named(name: string): ConfigAccount {
  const found = accounts.find(({ account }) => account.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

/** A production account: all rules, the pack, and Control Tower's. */
function production(): ConfigAccount {
  return named("claims-intake-prod");
}

function aggregated(settings: object = {}) {
  const aggregator = { aggregator: AGGREGATOR.name, region: AGGREGATOR.region };
  return awsConfigSpec.parse({ kind: "aws-config", ...aws.connection, ...aggregator, ...settings });
}

function direct() {
  const settings = { accountRole: ROLE, accounts: [production().account.id], regions: [AGGREGATOR.region] };
  return awsConfigSpec.parse({ kind: "aws-config", ...aws.connection, ...settings });
}

async function read(spec: ReturnType<typeof aggregated>, { account }: ConfigAccount = production()) {
  const options = { gate: openGate, signal, now: NOW, onProgress: () => {} };
  const reading = await readConfigEvaluations(spec, account.id, options);
  const items: EvaluationItem[] = [];
  for await (const batch of reading.items) items.push(...batch);
  return { rules: reading.rules, items, unread: reading.unread() };
}

/** Rule and resource → verdict and since when, as it was planted. */
function planted({ account, evaluations }: ConfigAccount): Map<string, [string, Date]> {
  return new Map(
    evaluations.flatMap((evaluation) => {
      const said = verdictAt(evaluation, NOW);
      if (!said) return [];
      const { rule, resource } = evaluation;
      const ruleKey = rule.isManaged ? rule.identifier : `aws-config:${rule.identifier}`;
      const key = resourceKey(account.id, resource.region, resource.type, resource.id);
      return [[`${ruleKey} ${key}`, [verdictOf(said.verdict), said.since]]];
    }),
  );
}

function verdicts(items: readonly EvaluationItem[]): Map<string, [string, Date | null]> {
  return new Map(items.map(({ ruleKey, resource, verdict, from }) => [`${ruleKey} ${resource.key}`, [verdict, from]]));
}

test("through the aggregator every rule says of every resource what it says in the account, and since when", async () => {
  const { items, rules, unread } = await read(aggregated());
  expect(verdicts(items)).toEqual(planted(production()));
  expect(unread).toEqual([]);
  expect(items.length).toBeGreaterThan(80);
  expect(rules.map(({ ruleKey }) => ruleKey)).toContain(`aws-config:${COMPLIANCE_PLANTS.ownRule}`);
  const bucket = items.find(({ resource }) => resource.kind === "AWS::RDS::DBInstance")?.resource;
  expect(bucket?.name).toContain("claims-intake-prod");
});

test("a rule has the severity of Security Hub's control, or what the settings say", async () => {
  const { rules } = await read(
    aggregated({ severities: { [COMPLIANCE_PLANTS.ownRule]: "high", ENCRYPTED_VOLUMES: "low" } }),
  );
  expect(Object.fromEntries(rules.map(({ ruleKey, severity }) => [ruleKey, severity]))).toMatchObject({
    S3_BUCKET_PUBLIC_READ_PROHIBITED: "critical",
    IAM_USER_MFA_ENABLED: "medium",
    ENCRYPTED_VOLUMES: "low",
    [`aws-config:${COMPLIANCE_PLANTS.ownRule}`]: "high",
  });
  expect(rules.filter(({ severity }) => severity === null)).toEqual([]);
});

test("a managed rule that two of the account's rules are is one verdict with both answers as evidence", async () => {
  const { items, rules } = await read(aggregated());
  const volume = items.find(({ ruleKey }) => ruleKey === "ENCRYPTED_VOLUMES");
  expect(volume?.evidence).toHaveProperty("answers.length", 2);
  expect(rules.find(({ ruleKey }) => ruleKey === "ENCRYPTED_VOLUMES")?.details["deployedBy"]).toContain(
    "AWS Control Tower",
  );
});

test("account by account it is the same, with its packs, and rules that have nothing in their scope are known as such", async () => {
  const { items, rules } = await read(direct());
  const ofResources = items.filter(({ evidence }) => evidence !== null);
  expect(verdicts(ofResources)).toEqual(planted(production()));
  const empty = items.filter(({ evidence }) => evidence === null);
  expect(empty.map(({ verdict }) => verdict)).toEqual(empty.map(() => "not_applicable"));
  expect(rules.find(({ ruleKey }) => ruleKey === "S3_BUCKET_LOGGING_ENABLED")?.details["deployedBy"]).toContain(
    `conformance pack ${COMPLIANCE_PLANTS.pack}`,
  );
  const asked = aws.server.calls.filter(({ operation }) => operation === "GetConformancePackComplianceDetails");
  expect(asked.every(({ errorCode }) => errorCode === null)).toBe(true);
});

test("empty pages, tokens that expire and throttled requests change nothing", async () => {
  aws.server.faults.emptyPage(5, { service: "config" });
  aws.server.faults.expireToken(2, { operation: "SelectAggregateResourceConfig" });
  aws.server.faults.throttle(2, { service: "config" });
  const { items } = await read(aggregated());
  expect(verdicts(items)).toEqual(planted(production()));
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "ThrottlingException")).toHaveLength(2);
});

test("an action that is denied leaves its rules unread, with the statement to add", async () => {
  aws.server.faults.denyAction("config:GetAggregateComplianceDetailsByConfigRule");
  const { items, rules, unread } = await read(aggregated());
  expect(items).toEqual([]);
  expect(unread.map(({ ruleKey }) => ruleKey)).toEqual(rules.map(({ ruleKey }) => ruleKey));
  expect(unread[0]?.remedy).toContain('"config:GetAggregateComplianceDetailsByConfigRule"');
});

test("without names and definitions resources keep their identity", async () => {
  for (const action of ["config:SelectAggregateResourceConfig", "config:DescribeConfigRules"])
    aws.server.faults.denyAction(action);
  const ruleIdentifiers = {
    "encrypted-volumes": "ENCRYPTED_VOLUMES",
    "AWSControlTower_AWS-GR_ENCRYPTED_VOLUMES": "ENCRYPTED_VOLUMES",
  };
  const { items } = await read(aggregated({ ruleIdentifiers }));
  const volumes = (all: Iterable<string>) => [...all].filter((name) => name.startsWith("ENCRYPTED_VOLUMES")).toSorted();
  expect(volumes(verdicts(items).keys())).toEqual(volumes(planted(production()).keys()));
});

test("a rule that is deleted between list and question is no longer evaluated", async () => {
  aws.server.faults.fail("NoSuchConfigRuleException", 1, { operation: "GetComplianceDetailsByConfigRule" });
  const { items, unread } = await read(direct());
  expect(unread).toEqual([]);
  const evaluated = new Set(verdicts(items).keys());
  const missing = [...planted(production()).keys()].filter((name) => !evaluated.has(name));
  expect(missing.length).toBeGreaterThan(0);
  expect(new Set(missing.map((name) => name.split(" ")[0])).size).toBe(1);
});

/** The names that a managed rule has in the production account. */
function namesOf(identifier: string): string[] {
  return production().rules.flatMap(({ name, rule }) => (rule.identifier === identifier ? [name] : []));
}

const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS);

test("a rule whose last evaluation failed is unread with what AWS says of it, though its last results are still there", async () => {
  // The pack has results of the one; of the other the account has two, and one alone must not make its resources pass.
  const [logging = ""] = namesOf("S3_BUCKET_LOGGING_ENABLED");
  const [, volumes = ""] = namesOf("ENCRYPTED_VOLUMES");
  for (const name of [logging, volumes])
    oddRules.set(name, { evaluation: { succeededAt: hoursAgo(30), failedAt: hoursAgo(1) } });
  for (const name of namesOf("RDS_STORAGE_ENCRYPTED"))
    oddRules.set(name, { evaluation: { succeededAt: null, failedAt: hoursAgo(1) } });
  const { items, unread, rules } = await read(direct());
  const broken = ["ENCRYPTED_VOLUMES", "RDS_STORAGE_ENCRYPTED", "S3_BUCKET_LOGGING_ENABLED"];
  expect(unread.map(({ ruleKey }) => ruleKey)).toEqual(broken);
  for (const { reason } of unread) expect(reason).toContain("(AccessDenied: The AWS Config service-linked role");
  expect(unread[0]?.remedy).toContain("may lack a permission");
  expect(items.filter(({ ruleKey }) => broken.includes(ruleKey))).toEqual([]);
  expect(rules.map(({ ruleKey }) => ruleKey)).toEqual(expect.arrayContaining(broken));
});

test("a rule that has succeeded since it failed is read", async () => {
  for (const name of namesOf("ENCRYPTED_VOLUMES"))
    oddRules.set(name, { evaluation: { succeededAt: hoursAgo(1), failedAt: hoursAgo(30) } });
  const { items, unread } = await read(direct());
  expect(unread).toEqual([]);
  expect(verdicts(items.filter(({ evidence }) => evidence !== null))).toEqual(planted(production()));
});

test("a rule that was never evaluated is unknown for its account, whether it is by itself or in a pack", async () => {
  const never = ["RDS_STORAGE_ENCRYPTED", "S3_BUCKET_LOGGING_ENABLED"];
  for (const name of never.flatMap(namesOf)) oddRules.set(name, { evaluation: { succeededAt: null, failedAt: null } });
  const { items, unread } = await read(direct());
  expect(unread).toEqual([]);
  expect(items.filter(({ ruleKey }) => never.includes(ruleKey))).toMatchObject(
    never.map((ruleKey) => ({
      ruleKey,
      verdict: "unknown",
      resource: { kind: "Account", key: production().account.id },
      note: "AWS Config has not evaluated the rule yet.",
    })),
  );
});

test.each(["DELETING", "DELETING_RESULTS"] as const)(
  "a rule that is %s is no rule any more, though it still answers",
  async (state) => {
    const gone = "RDS_STORAGE_ENCRYPTED";
    for (const name of namesOf(gone)) oddRules.set(name, { state });
    const { items, rules, unread } = await read(direct());
    expect(unread).toEqual([]);
    expect(rules.map(({ ruleKey }) => ruleKey)).not.toContain(gone);
    expect(items.filter(({ ruleKey }) => ruleKey === gone)).toEqual([]);
    expect([...planted(production()).keys()].some((name) => name.startsWith(gone))).toBe(true);
  },
);

test("packs that may not be read are read rule by rule", async () => {
  aws.server.faults.denyAction("config:GetConformancePackComplianceDetails");
  const { items } = await read(direct());
  expect(verdicts(items.filter(({ evidence }) => evidence !== null))).toEqual(planted(production()));
});

test("each account is a slice, and one where AWS Config is off is a look that fails", async () => {
  const off = named(COMPLIANCE_PLANTS.withoutConfig);
  const offered = await planConfigEvaluations(aggregated(), { gate: openGate, signal, due: NOW, only: null });
  expect(offered.map(({ period }) => period)).toContain(off.account.id);
  expect(offered.length).toBeGreaterThan(100);
  await expect(read(aggregated(), off)).rejects.toMatchObject({
    code: "switched_off",
    message: expect.stringContaining("evaluates nothing"),
  });
});

test("a role that cannot be assumed, credentials that expired and an aggregator that is not there are each an error", async () => {
  await expect(read(direct(), named("motor-claims-prod"))).rejects.toMatchObject({ code: "denied" });
  await expect(read(aggregated({ aggregator: "another" }))).rejects.toMatchObject({ code: "invalid_config" });
  const options = { gate: openGate, signal, now: NOW, onProgress: () => {} };
  const reading = await readConfigEvaluations(direct(), production().account.id, options);
  aws.server.expireSessions();
  const drain = async () => {
    for await (const _ of reading.items);
  };
  await expect(drain()).rejects.toMatchObject({ code: "invalid_config" });
});

test("a check names the role that cannot be assumed", async () => {
  const other = awsConfigSpec.parse({ ...direct(), accounts: [production().account.id, "999999999999"] });
  const failed = (await checkConfig(other, { gate: openGate, signal })).filter(({ ok }) => !ok);
  expect(failed.map(({ what }) => what)).toEqual([`Assume arn:aws:iam::999999999999:role/${ROLE}`]);
});
