import { auditOf, imageOf } from "#demo/estate/guardrails.ts";
import type { PlannedNamespace } from "#demo/estate/namespaces.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import { uuidOf } from "#demo/estate/random.ts";
import { kindNamed } from "#demo/kubernetes/kinds.ts";
import { daysBefore, type Rendering } from "#demo/kubernetes/rendering.ts";

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
