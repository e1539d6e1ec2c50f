import type { z } from "zod";
import { worstVerdict, type Severity } from "#lib/domain/posture/verdict.ts";
import type { ImageScan, ReportedPolicies } from "#lib/sources/cluster-guardrails.ts";
import type { EvaluatedResource, EvaluatedRule, EvaluationItem } from "#lib/sources/evaluation-reading.ts";
import {
  configAuditReportObject,
  policyReportObject,
  vulnerabilityReportObject,
} from "#lib/sources/kubernetes/api-types.ts";
import type { Discovery } from "#lib/sources/kubernetes/discover.ts";
import { valuesAt, type KindReader } from "#lib/sources/kubernetes/kind-reader.ts";
import { nameOf, REPORT_KINDS, type ListedKind } from "#lib/sources/kubernetes/kinds.ts";
import {
  imageScan,
  resultsOfAudit,
  resultsOfReport,
  resultsOfScan,
  scannedWorkload,
  type ReportedResult,
} from "#lib/sources/kubernetes/policy-report.ts";
import { servedKind } from "#lib/sources/kubernetes/read-evidence.ts";

/** Results of one cluster that are kept while it is read: some hundred megabytes. A kind that has more is unread, and says so. */
const MOST_RESULTS = 500_000;
const SEVERITIES: readonly Severity[] = ["low", "medium", "high", "critical"];
/** A pod template's hash at the end of a replica set's name. */
const TEMPLATE_HASH = /-[a-z0-9]{6,10}$/;

/** What the inventory knows of what reports are about. */
export type ReportedCluster = {
  key: string;
  accountId: string | null;
  /** Uids of namespaces by name. */
  namespaces: ReadonlyMap<string, string>;
  /** Uids of workloads by "namespace/Kind/name". */
  workloads: ReadonlyMap<string, string>;
};

export type ReportReading = {
  results: ReportedResult[];
  scans: Map<string, ImageScan[]> | null;
} & Pick<ReportedPolicies, "notServed" | "unread">;

/** Reads every report that is installed in a cluster, page by page. What may not be read is under `unread`, with the line to add. */
export async function readReports(reader: KindReader, discovery: Discovery): Promise<ReportReading> {
  const results: ReportedResult[] = [];
  const notServed: string[] = [];
  const unread: ReportedPolicies["unread"] = [];
  const scans = new Map<string, ImageScan[]>();

  async function each<Item>(
    kind: ListedKind,
    shape: z.ZodType<Item>,
    resultsOf: (item: Item, kind: string) => ReportedResult[],
  ): Promise<boolean> {
    const served = servedKind(discovery, kind);
    if (served === null) {
      notServed.push(nameOf(kind));
      return false;
    }
    let isCut = false;
    const found = await reader.fold(served, shape, () => {
      const some: ReportedResult[] = [];
      return {
        add: (item: Item) => {
          if (results.length + some.length < MOST_RESULTS) some.push(...resultsOf(item, reportName(kind)));
          else isCut = true;
        },
        result: () => some,
      };
    });
    const missing = reader.unknown.find((one) => one.kind === nameOf(kind));
    if (missing !== undefined) unread.push(missing);
    else if (isCut)
      unread.push({
        kind: nameOf(kind),
        reason: "failed",
        rbacLine: null,
        message: `There are more than ${MOST_RESULTS} results of ${nameOf(kind)} in ${reader.client.key}.`,
      });
    else for (const result of found ?? []) results.push(result);
    return found !== null && !isCut;
  }

  await each(REPORT_KINDS.policyReports, policyReportObject, resultsOfReport);
  await each(REPORT_KINDS.clusterPolicyReports, policyReportObject, resultsOfReport);
  await each(REPORT_KINDS.openReports, policyReportObject, resultsOfReport);
  await each(REPORT_KINDS.openClusterReports, policyReportObject, resultsOfReport);
  await each(REPORT_KINDS.configAuditReports, configAuditReportObject, resultsOfAudit);
  const areScansKnown = await each(REPORT_KINDS.vulnerabilityReports, vulnerabilityReportObject, (report, kind) => {
    const { namespace, kind: workload, name } = scannedWorkload(report.metadata);
    valuesAt(scans, placeOf(namespace, workload, name)).push(imageScan(report));
    return resultsOfScan(report, kind);
  });
  return { results, scans: areScansKnown ? scans : null, notServed, unread };
}

/** How a rule remembers what reported it: by its group, for a policy reports in namespaces and on the cluster alike. */
function reportName(kind: ListedKind): string {
  return kind.group === REPORT_KINDS.vulnerabilityReports.group ? nameOf(kind) : kind.group;
}

/** The results as evaluations of the cluster's own resources; of several about one rule and resource the worst counts. Pure. */
export function evaluationsOf(
  results: readonly ReportedResult[],
  cluster: ReportedCluster,
): { rules: EvaluatedRule[]; items: EvaluationItem[] } {
  const rules = new Map<string, EvaluatedRule>();
  const items = new Map<string, EvaluationItem & { evidence: unknown[] }>();
  for (const { rule, subject, verdict, note, evidence } of results) {
    rules.set(rule.ruleKey, mergedRule(rules.get(rule.ruleKey), rule));
    const resource = resourceOf(subject, cluster);
    const key = `${rule.ruleKey}\n${resource.kind}\n${resource.key}`;
    const before = items.get(key);
    if (before === undefined) {
      items.set(key, { ruleKey: rule.ruleKey, resource, verdict, note, evidence: [evidence], from: null, to: null });
      continue;
    }
    const worst = worstVerdict([before.verdict, verdict]);
    if (worst !== before.verdict) before.note = note;
    before.verdict = worst;
    before.evidence = inOrder([...before.evidence, evidence]);
  }
  return {
    rules: [...rules.values()].toSorted((left, right) => (left.ruleKey < right.ruleKey ? -1 : 1)),
    items: [...items.values()],
  };
}

/** Reports come in any order, and the evidence must not change with it. */
function inOrder(evidence: readonly unknown[]): unknown[] {
  return evidence
    .map((one) => ({ one, text: JSON.stringify(one) }))
    .toSorted((left, right) => (left.text < right.text ? -1 : 1))
    .map(({ one }) => one);
}

/** Engines rate a rule by what it found; the worst of that is how bad the rule is. */
function mergedRule(before: EvaluatedRule | undefined, rule: EvaluatedRule): EvaluatedRule {
  if (before === undefined) return rule;
  const rank = (severity: Severity | null) => (severity === null ? -1 : SEVERITIES.indexOf(severity));
  return rank(rule.severity) > rank(before.severity) ? { ...before, severity: rule.severity } : before;
}

function resourceOf(subject: ReportedResult["subject"], cluster: ReportedCluster): EvaluatedResource {
  const { kind, name, uid } = workloadOf(subject, cluster);
  const namespace = kind === "Namespace" ? name : subject.namespace;
  const namespaceUid = namespace === null ? null : (cluster.namespaces.get(namespace) ?? null);
  const place = {
    accountId: cluster.accountId,
    region: null,
    clusterKey: cluster.key,
    namespaceUid,
    environment: null,
  };
  if (kind === "Cluster") return { kind, key: cluster.key, name: cluster.key, ...place };
  const identity = kind === "Namespace" ? namespaceUid : uid;
  return { kind, key: `${cluster.key} ${identity ?? placeOf(namespace, kind, name)}`, name, ...place };
}

/** A replica set of a deployment changes its name with every roll-out; what is meant is the deployment. */
function workloadOf(
  { kind, name, namespace, uid }: ReportedResult["subject"],
  { workloads }: ReportedCluster,
): { kind: string; name: string; uid: string | null } {
  if (kind === "ReplicaSet") {
    const deployment = name.replace(TEMPLATE_HASH, "");
    const found = workloads.get(placeOf(namespace, "Deployment", deployment));
    if (found !== undefined) return { kind: "Deployment", name: deployment, uid: found };
  }
  return { kind, name, uid: uid ?? workloads.get(placeOf(namespace, kind, name)) ?? null };
}

/** The scans of a workload, those of its replica sets among them. */
export function scansOfWorkload(
  scans: ReadonlyMap<string, ImageScan[]>,
  { workloads }: Pick<ReportedCluster, "workloads">,
): Map<string, ImageScan[]> {
  const byWorkload = new Map<string, ImageScan[]>();
  for (const [place, some] of scans) {
    const [namespace = "", kind = "", name = ""] = place.split("/");
    const deployment = placeOf(namespace, "Deployment", name.replace(TEMPLATE_HASH, ""));
    const meant = kind === "ReplicaSet" && workloads.has(deployment) ? deployment : place;
    valuesAt(byWorkload, meant).push(...some);
  }
  return byWorkload;
}

export function placeOf(namespace: string | null, kind: string, name: string): string {
  return `${namespace ?? ""}/${kind}/${name}`;
}
