import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { demoRoleOf, startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { administratorsOf, auditOf, guardrailsOf, imageOf, machineImageOf } from "#demo/estate/guardrails.ts";
import { plannedClusters, type PlannedNamespace } from "#demo/estate/namespaces.ts";
import { LEAVER, mailOf } from "#demo/estate/people.ts";
import type { Actor } from "#lib/access/actor.ts";
import { PROTECTED_NAMES } from "#lib/domain/dormancy/veto.ts";
import { compileGlob } from "#lib/domain/glob.ts";
import { POLICIES } from "#lib/policies/index.ts";
import { readBundleFile } from "#lib/reports/bundle/verify-bundle.mjs";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { judgeEverybody } from "#lib/services/policies/judge-everybody.ts";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { makeReport } from "#lib/services/reports/make-report.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { hasNistSchemas, nistErrors } from "#test/unit/reports/nist-schema.ts";
import { openClusterWorkshop, TODAY, WORKSHOP_ESTATE, type ClusterWorkshop } from "./clusters-workshop.ts";

const CLUSTER = "motor-claims-prod";
const OTHER = "regulatory-prod";
const FRAMEWORK = "iso-27001-2022";
const AUDITOR: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
const DAY_MS = 86_400_000;
const at = (hour: number) => new Date(Date.parse(`${TODAY}T00:00:00Z`) + hour * 3_600_000);
const daysBefore = (days: number) => new Date(at(12).getTime() - days * DAY_MS);

let workshop: ClusterWorkshop;
let aws: AwsServer;
let folder: string;
beforeAll(async () => {
  const estate = createEstate(WORKSHOP_ESTATE);
  folder = await mkdtemp(join(tmpdir(), "bursar-policies-"));
  aws = await startAws({ root: folder, estate });
  const { arn, externalId } = demoRoleOf(estate);
  const organisation = {
    kind: "aws-organizations",
    roleArn: arn,
    externalId,
    endpoint: aws.url,
    region: "eu-central-1",
    accessKeyId: DEMO_CREDENTIALS.accessKeyId,
    secretAccessKey: DEMO_CREDENTIALS.secretAccessKey,
  };
  workshop = await openClusterWorkshop([CLUSTER, OTHER], {}, undefined, { organisation });
  await workshop.look(at(12));
  await judgeEverybody({ ...workshop.instance.context(), now: at(12) });
}, 180_000);
afterAll(async () => {
  await workshop?.close();
  await aws?.close();
  await rm(folder, { recursive: true, force: true });
});

type Verdicts = Record<string, string>;

/** Verdicts of a rule that hold now, by what they are about: kind and name. */
async function verdicts(ruleKey: string, part: string, sourceKey = "policies"): Promise<Verdicts> {
  const { rows } = await workshop.instance.database.pool.query<{ thing: string; verdict: string }>(
    `SELECT r.kind || ' ' || coalesce(n.name || '/', '') || r.name AS thing, e.verdict
     FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule p ON p.id = c.rule_id
     JOIN compliance_resource r ON r.id = e.resource_id
     LEFT JOIN namespace n ON n.cluster_key = r.cluster_key AND n.uid = r.namespace_uid AND n.seen_to IS NULL AND r.kind <> 'Namespace'
     WHERE c.grain = 'full' AND p.rule_key = $1 AND c.part = $2 AND c.source_key = $3 AND e.valid_to IS NULL AND e.retired_at IS NULL`,
    [ruleKey, part, sourceKey],
  );
  return Object.fromEntries(rows.map(({ thing, verdict }) => [thing, verdict]));
}

function planted(name: string) {
  const cluster = plannedClusters(workshop.estate).find((one) => one.name === name);
  if (!cluster) throw new RangeError(`There is no cluster ${name}.`);
  const living = cluster.lives.filter(({ deleted }) => deleted === null);
  return { cluster, living };
}

/** What a team has installed for all others is a namespace like any other, but for what is protected by its name. */
const isProtected = PROTECTED_NAMES.map(compileGlob);
const comesWithCluster = ({ name }: PlannedNamespace) => isProtected.some((matches) => matches(name));

/** What was planted in each namespace of a cluster, as the verdict that it should have. */
function expected(name: string, verdictOf: (namespace: PlannedNamespace) => string): Verdicts {
  return Object.fromEntries(
    planted(name).living.map((namespace) => [`Namespace ${namespace.name}`, verdictOf(namespace)]),
  );
}

test.each([CLUSTER, OTHER])(
  "the guardrails of %s are judged as they were planted, in every namespace",
  async (name) => {
    const ifTeams = (verdictOf: (namespace: PlannedNamespace) => string) =>
      expected(name, (namespace) => (comesWithCluster(namespace) ? "not_applicable" : verdictOf(namespace)));
    const pass = (isGood: boolean) => (isGood ? "pass" : "fail");
    expect(await verdicts("namespace-default-deny", name)).toEqual(
      ifTeams(({ hasNetworkPolicy }) => pass(hasNetworkPolicy)),
    );
    expect(await verdicts("namespace-quota-and-limits", name)).toEqual(
      ifTeams(({ hasQuota, hasLimits }) => pass(hasQuota && hasLimits)),
    );
    expect(await verdicts("namespace-pod-security-standard", name)).toEqual(
      ifTeams((namespace) => {
        const { podSecurity } = guardrailsOf(namespace);
        if (podSecurity === "restricted") return "pass";
        // A name that ends in "blue" names no environment, so that baseline may be enough or not.
        return podSecurity === "baseline" && /-blue(-\d+)?$/.test(namespace.name) ? "unknown" : "fail";
      }),
    );
    expect(await verdicts("backup-and-restore-tested", name)).toEqual(
      expected(name, (namespace) => {
        if (namespace.volumes.length === 0) return "not_applicable";
        const { lastBackupDaysAgo, restoreTestedDaysAgo } = guardrailsOf(namespace);
        if ((lastBackupDaysAgo ?? 0) > 7 || (restoreTestedDaysAgo ?? 0) > 365) return "fail";
        if (lastBackupDaysAgo === null) return "unknown";
        return pass(restoreTestedDaysAgo !== null);
      }),
    );
    expect(await verdicts("no-secrets-in-configuration", name)).toEqual(
      expected(name, (namespace) => {
        const { secretKey, secretVariable } = guardrailsOf(namespace);
        const [first] = namespace.workloads;
        const isGiven = secretVariable !== null && /^(Deployment|StatefulSet)$/.test(first?.kind ?? "");
        return pass(namespace.isSystem ? !isGiven : secretKey === null && !isGiven);
      }),
    );
    expect(await verdicts("region-redundancy", name)).toEqual(
      expected(name, (namespace) => {
        const { tier, disasterRecovery } = guardrailsOf(namespace);
        if (tier === null) return "unknown";
        return tier === "1" ? pass(disasterRecovery !== null) : "not_applicable";
      }),
    );
  },
);

test("nodes and the images that they were made from are as old as they were planted", async () => {
  const { cluster } = planted(CLUSTER);
  const old = (isOld: boolean) => (isOld ? "fail" : "pass");
  expect(await verdicts("node-age", CLUSTER)).toEqual(
    Object.fromEntries(
      cluster.nodes.map(({ name, created }) => [`Node ${name}`, old(new Date(created) < daysBefore(60))]),
    ),
  );
  expect(await verdicts("machine-image-age", CLUSTER)).toEqual(
    Object.fromEntries(
      cluster.nodes.map((node) => [`Node ${node.name}`, old(machineImageOf(cluster, node).createdDaysAgo >= 60)]),
    ),
  );
});

test("holes and images of workloads are judged as they were planted; what nobody scans is unknown", async () => {
  const found = await verdicts("vulnerability-deadline", CLUSTER);
  const images = await verdicts("container-base-image-age", CLUSTER);
  const { living } = planted(CLUSTER);
  const workloads = living.flatMap((namespace) =>
    namespace.workloads.flatMap((workload) => (workload.kind === "Job" ? [] : [{ namespace, workload }])),
  );
  expect(workloads.length).toBeGreaterThan(20);
  const deadline: Record<string, number> = { CRITICAL: 14, HIGH: 30, MEDIUM: 90 };
  for (const { namespace, workload } of workloads) {
    const key = `${workload.kind} ${namespace.name}/${workload.name}`;
    const { holes, createdDaysAgo, isEndOfLife } = imageOf(namespace, workload);
    const isLate = holes.some(
      ({ severity, fixedVersion, publishedDaysAgo }) =>
        fixedVersion !== "" && publishedDaysAgo > (deadline[severity] ?? Number.POSITIVE_INFINITY),
    );
    expect([key, found[key]]).toEqual([key, namespace.isSystem ? "unknown" : isLate ? "fail" : "pass"]);
    const isDated = createdDaysAgo !== null && workload.kind !== "CronJob";
    const isOld = (isEndOfLife && !namespace.isSystem) || (isDated && createdDaysAgo > 180);
    expect([key, images[key]]).toEqual([key, isOld ? "fail" : isDated ? "pass" : "unknown"]);
  }
});

test("a report of what was judged is OSCAL as NIST's schema has it, with a finding for each control", async () => {
  const context = { ...workshop.instance.context(AUDITOR), now: at(12) };
  const { id } = await requestReport(context, {
    kind: "compliance",
    frameworkId: FRAMEWORK,
    formats: ["csv", "oscal"],
  });
  await makeReport(workshop.instance.context(), { reportId: id });
  const path = bundlePath(workshop.instance.home, id);
  const inside = (name: string) => readBundleFile(path, name)?.toString("utf8") ?? "";
  const [results, plan] = [inside("oscal/assessment-results.json"), inside("oscal/assessment-plan.json")];
  const { observations, findings } = JSON.parse(results)["assessment-results"].results[0];
  expect(observations.length).toBeGreaterThan(100);
  expect(findings).toHaveLength(findFramework(FRAMEWORK).controls.length);
  // Where the machine has no schemas, what was counted above is all that can be said.
  if (!hasNistSchemas) return;
  expect([nistErrors("results", results), nistErrors("plan", plan)]).toEqual([[], []]);
});

test("cluster-admin outside of the platform team is found, and the leaver who still has it", async () => {
  const [leaver] = administratorsOf({ name: CLUSTER });
  expect(leaver?.name).toBe(mailOf(LEAVER.name));
  expect(await verdicts("no-cluster-admin-outside-platform", CLUSTER)).toMatchObject({
    [`Cluster ${CLUSTER}`]: "fail",
  });
  expect(await verdicts("no-cluster-admin-outside-platform", OTHER)).toMatchObject({ [`Cluster ${OTHER}`]: "fail" });
  const access = await verdicts("leaver-has-no-access", "people");
  expect(Object.entries(access).filter(([, verdict]) => verdict === "fail")).toEqual([
    [`Person ${LEAVER.name}`, "fail"],
  ]);
  expect(new Set(Object.values(await verdicts("user-has-mfa", "people")))).toEqual(
    new Set(["unknown", "not_applicable"]),
  );
  const { rows } = await workshop.instance.database.pool.query<{ note: string }>(
    `SELECT e.note FROM evaluation e JOIN compliance_resource r ON r.id = e.resource_id JOIN posture_cell c ON c.id = e.cell_id
     JOIN posture_rule p ON p.id = c.rule_id WHERE r.kind = 'Person' AND r.name = $1 AND p.rule_key = 'leaver-has-no-access'
     AND c.grain = 'full' AND e.valid_to IS NULL`,
    [LEAVER.name],
  );
  expect(rows[0]?.note).toContain(`the cluster ${CLUSTER} as cluster-admin`);
});

test("what Kyverno and Trivy report is taken over under the source of the cluster", async () => {
  const { living } = planted(CLUSTER);
  const audited = await verdicts("policy-report:trivy-config-audit/KSV014", CLUSTER, "clusters");
  const expectedAudit = living
    .filter(({ isSystem }) => !isSystem)
    .flatMap((namespace) =>
      namespace.workloads.map((workload) => {
        const check = auditOf(namespace, workload).find(({ id }) => id === "KSV014");
        return [`${workload.kind} ${namespace.name}/${workload.name}`, check?.success ? "pass" : "fail"];
      }),
    );
  expect(audited).toEqual(Object.fromEntries(expectedAudit));
  const privileged = await verdicts(
    "policy-report:disallow-privileged-containers/privileged-containers",
    CLUSTER,
    "clusters",
  );
  expect(new Set(Object.values(privileged))).toEqual(new Set(["pass", "fail"]));
  expect(Object.keys(privileged)).toHaveLength(expectedAudit.length + 1);
});

test("a second look at the same begins no stretch, and an application that stays out of sync fails in time", async () => {
  const count = async () =>
    (await workshop.instance.database.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM evaluation")).rows[0]
      ?.n;
  const before = await count();
  await workshop.look(at(13));
  expect(await count()).toBe(before);
  const isOut = (namespace: PlannedNamespace) => namespace.application !== null && guardrailsOf(namespace).isOutOfSync;
  const out = planted(CLUSTER).living.filter(isOut);
  const fresh = await verdicts("drift-age", CLUSTER);
  expect(Object.values(fresh)).not.toContain("fail");
  await workshop.look(new Date(at(13).getTime() + 8 * DAY_MS), [CLUSTER]);
  const drifted = Object.values(await verdicts("drift-age", CLUSTER)).filter((verdict) => verdict === "fail");
  expect(drifted).toHaveLength(out.length);
});

test("what may not be read is unknown from then on, with the line to add, and never passes", async () => {
  for (const kind of [
    "networkpolicies.networking.k8s.io",
    "policyreports.wgpolicyk8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "configmaps",
  ])
    workshop.server.faults.forbid({ cluster: OTHER, resource: kind });
  await workshop.look(new Date(at(14).getTime() + 8 * DAY_MS), [OTHER]);
  workshop.server.faults.clear();
  const of = async (ruleKey: string, source?: string) => new Set(Object.values(await verdicts(ruleKey, OTHER, source)));
  expect(await of("namespace-default-deny")).toEqual(new Set(["unknown", "not_applicable"]));
  expect([...(await of("no-secrets-in-configuration"))]).not.toContain("pass");
  expect(await verdicts("no-cluster-admin-outside-platform", OTHER)).toMatchObject({ [`Cluster ${OTHER}`]: "unknown" });
  expect(await of("policy-report:require-owner-label/check-owner", "clusters")).toContain("unknown");
  const { rows } = await workshop.instance.database.pool.query<{ unknown: unknown }>(
    "SELECT unknown FROM evaluation_look WHERE source_key = 'clusters' AND part = $1 ORDER BY at DESC LIMIT 1",
    [OTHER],
  );
  expect(JSON.stringify(rows[0]?.unknown)).toContain('resources: [\\"policyreports\\"]');
});

test("accounts are judged when their organisation is read: tags as planted, and unknown what nobody says", async () => {
  await workshop.instance.load("organisation");
  const part = "accounts organisation";
  const { accounts } = workshop.estate.awsOrganization;
  const has = (tags: Record<string, string>, keys: string[]) =>
    Object.entries(tags).some(([key, value]) => keys.includes(key.toLowerCase()) && value !== "");
  const wanted = accounts.map(({ name, state, tags }) => {
    const isTagged =
      has(tags, ["team", "owner", "owner-team"]) &&
      has(tags, ["environment", "env", "stage"]) &&
      has(tags, ["cost-center"]);
    return [`Account ${name}`, state === "CLOSED" ? "not_applicable" : isTagged ? "pass" : "fail"];
  });
  expect(await verdicts("required-tags", part)).toEqual(Object.fromEntries(wanted));
  for (const rule of ["account-has-trail", "account-has-config"])
    expect(new Set(Object.values(await verdicts(rule, part)))).toEqual(new Set(["unknown", "not_applicable"]));
});

test("every check is among the rules, with its words", async () => {
  const { rows } = await workshop.instance.database.pool.query<{ rule_key: string; remedy: string }>(
    "SELECT DISTINCT rule_key, remedy FROM compliance_rule WHERE source_key = 'policies' AND seen_to IS NULL",
  );
  expect(rows.map(({ rule_key: key }) => key).toSorted()).toEqual(POLICIES.map(({ id }) => id).toSorted());
});
