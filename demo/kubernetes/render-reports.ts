import { auditOf, imageOf } from "#demo/estate/guardrails.ts";
import type { PlannedNamespace } from "#demo/estate/namespaces.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import { plannedPolicies, resultAt, type PlannedPolicy, type PolicyResult } from "#demo/estate/policy-results.ts";
import { uuidOf } from "#demo/estate/random.ts";
import { kindNamed } from "#demo/kubernetes/kinds.ts";
import type { JsonObject } from "#demo/kubernetes/object.ts";
import { daysBefore, type Rendering } from "#demo/kubernetes/rendering.ts";

/** What Kyverno says of each workload of a team, and of the cluster, at that instant. */
export function renderPolicyReports({ estate, cluster, living, now, add }: Rendering): void {
  const policies = plannedPolicies(estate.calendar);
  const resultsOf = (name: string, kind: string): PolicyResultObject[] =>
    policies.flatMap((policy) => {
      const result = resultAt(estate.seed, policy, `${cluster.name} ${name}`, now);
      return result === null ? [] : [policyResult(policy, result, `${kind} ${name}`, now)];
    });
  for (const namespace of living.filter(({ isSystem }) => !isSystem))
    for (const workload of namespace.workloads) {
      const results = resultsOf(`${namespace.name}/${workload.name}`, workload.kind);
      const apiVersion = workload.kind.endsWith("Job") ? "batch/v1" : "apps/v1";
      add(kindNamed("wgpolicyk8s.io", "policyreports"), {
        name: uuidOf(cluster.name, namespace.name, workload.name),
        namespace: namespace.name,
        created: daysBefore(now, 1),
        labels: { "app.kubernetes.io/managed-by": "kyverno" },
        rest: {
          scope: { apiVersion, kind: workload.kind, name: workload.name, namespace: namespace.name },
          summary: summaryOf(results),
          results,
        },
      });
    }
  const results = resultsOf("cluster", "Namespace");
  add(kindNamed("wgpolicyk8s.io", "clusterpolicyreports"), {
    name: "cluster",
    created: daysBefore(now, 1),
    rest: { summary: summaryOf(results), results },
  });
}

type PolicyResultObject = JsonObject & {
  policy: string;
  rule: string;
  severity: string;
  message: string;
  result: PolicyResult;
};

/** @param about kind and name of what was evaluated. */
export function policyResult(
  { policy, rule, severity }: PlannedPolicy,
  result: PolicyResult,
  about: string,
  now: Date,
): PolicyResultObject {
  return {
    policy,
    rule,
    severity,
    result,
    scored: true,
    source: "kyverno",
    category: "Best Practices",
    message: `validation rule '${rule}' was evaluated for ${about}`,
    timestamp: { seconds: Math.floor(now.getTime() / 1000), nanos: 0 },
  };
}

function summaryOf(results: readonly PolicyResultObject[]): JsonObject {
  const counted = (wanted: PolicyResult) => results.filter(({ result }) => result === wanted).length;
  return { pass: counted("pass"), fail: counted("fail"), warn: 0, error: counted("error"), skip: 0 };
}

/** What Trivy's operator keeps of each workload of a team: known holes of its image, and an audit of its configuration. */
export function renderScans(rendering: Rendering): void {
  for (const namespace of rendering.living.filter(({ isSystem }) => !isSystem))
    for (const workload of namespace.workloads) {
      renderVulnerabilities(rendering, namespace, workload);
      renderAudit(rendering, namespace, workload);
    }
}

function renderVulnerabilities({ now, add }: Rendering, namespace: PlannedNamespace, workload: Workload): void {
  const { system, isEndOfLife, holes } = imageOf(namespace, workload);
  const [repository = "", tag = ""] = workload.image.replace("registry.halvern.example/", "").split(":");
  const [family = "", version = ""] = system.split(" ");
  const counted = (severity: string) => holes.filter((hole) => hole.severity === severity).length;
  add(kindNamed("aquasecurity.github.io", "vulnerabilityreports"), {
    name: `${workloadName(namespace, workload)}-${workload.name}`.toLowerCase(),
    namespace: namespace.name,
    created: daysBefore(now, 2),
    labels: labelsOf(namespace, workload),
    rest: {
      report: {
        updateTimestamp: daysBefore(now, 0),
        scanner: { name: "Trivy", vendor: "Aqua Security", version: "0.67.2" },
        registry: { server: "registry.halvern.example" },
        artifact: { repository, tag },
        os: { family, name: version, ...(isEndOfLife ? { eosl: true } : {}) },
        summary: {
          criticalCount: counted("CRITICAL"),
          highCount: counted("HIGH"),
          mediumCount: counted("MEDIUM"),
          lowCount: counted("LOW"),
          unknownCount: 0,
        },
        vulnerabilities: holes.map((hole) => ({
          vulnerabilityID: hole.id,
          severity: hole.severity,
          resource: hole.package,
          installedVersion: "1.0.0",
          fixedVersion: hole.fixedVersion,
          publishedDate: daysBefore(now, hole.publishedDaysAgo),
          lastModifiedDate: daysBefore(now, 1),
          title: `${hole.package}: made up for the demo`,
          target: "",
          links: [],
        })),
      },
    },
  });
}

function renderAudit({ now, add }: Rendering, namespace: PlannedNamespace, workload: Workload): void {
  const checks = auditOf(namespace, workload);
  const failed = (severity: string) => checks.filter((one) => !one.success && one.severity === severity).length;
  add(kindNamed("aquasecurity.github.io", "configauditreports"), {
    name: workloadName(namespace, workload).toLowerCase(),
    namespace: namespace.name,
    created: daysBefore(now, 2),
    labels: labelsOf(namespace, workload),
    rest: {
      report: {
        updateTimestamp: daysBefore(now, 0),
        scanner: { name: "Trivy", vendor: "Aqua Security", version: "0.67.2" },
        summary: { criticalCount: 0, highCount: failed("HIGH"), mediumCount: failed("MEDIUM"), lowCount: 0 },
        checks: checks.map(({ id, title, description, remediation, severity, success }) => ({
          checkID: id,
          title,
          description,
          remediation,
          severity,
          category: "Kubernetes Security Check",
          success,
          messages: success
            ? [""]
            : [`Container '${workload.name}' of ${workload.kind} '${workload.name}': ${remediation}`],
        })),
      },
    },
  });
}

/** Trivy names the replica set of a deployment, not the deployment. */
function scannedOf({ uid }: PlannedNamespace, { kind, name }: Workload): { kind: string; name: string } {
  if (kind !== "Deployment") return { kind, name };
  return { kind: "ReplicaSet", name: `${name}-${uuidOf(uid, name).replaceAll("-", "").slice(0, 9)}` };
}

function workloadName(namespace: PlannedNamespace, workload: Workload): string {
  const { kind, name } = scannedOf(namespace, workload);
  return `${kind}-${name}`;
}

function labelsOf(namespace: PlannedNamespace, workload: Workload): Record<string, string> {
  const { kind, name } = scannedOf(namespace, workload);
  return {
    "trivy-operator.container.name": workload.name,
    "trivy-operator.resource.kind": kind,
    "trivy-operator.resource.name": name,
    "trivy-operator.resource.namespace": namespace.name,
  };
}
