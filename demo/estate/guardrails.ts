import type { ClusterNode, Cluster } from "#demo/estate/clusters.ts";
import type { PlannedNamespace } from "#demo/estate/namespaces.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import { mailOf, LEAVER } from "#demo/estate/people.ts";
import { randomFor, uuidOf } from "#demo/estate/random.ts";

/** What was planted in a namespace for checks to find, beside what it holds. */
export type PlantedGuardrails = {
  podSecurity: "privileged" | "baseline" | "restricted" | null;
  tier: string | null;
  disasterRecovery: string | null;
  lastBackupDaysAgo: number | null;
  restoreTestedDaysAgo: number | null;
  isDefaultTokenOff: boolean;
  /** A key of its config map, and a variable of its first workload, that should have been secrets. */
  secretKey: string | null;
  secretVariable: string | null;
  isOutOfSync: boolean;
};

export type PlantedHole = {
  id: string;
  severity: "CRITICAL" | "HIGH" | "MEDIUM" | "LOW";
  publishedDaysAgo: number;
  fixedVersion: string;
  package: string;
};

export type PlantedImage = {
  /** What the template says of itself; null = nothing. */
  createdDaysAgo: number | null;
  system: string;
  isEndOfLife: boolean;
  holes: PlantedHole[];
};

const HOLES: readonly PlantedHole[] = [
  { id: "CVE-2026-90011", severity: "CRITICAL", publishedDaysAgo: 41, fixedVersion: "3.5.6-1", package: "libssl3" },
  { id: "CVE-2026-90027", severity: "CRITICAL", publishedDaysAgo: 5, fixedVersion: "2.41.2", package: "libc6" },
  { id: "CVE-2026-90102", severity: "HIGH", publishedDaysAgo: 64, fixedVersion: "8.17.1", package: "curl" },
  { id: "CVE-2026-90140", severity: "HIGH", publishedDaysAgo: 12, fixedVersion: "", package: "perl-base" },
  { id: "CVE-2025-90388", severity: "MEDIUM", publishedDaysAgo: 200, fixedVersion: "1.3.2", package: "zlib1g" },
  { id: "CVE-2024-90501", severity: "LOW", publishedDaysAgo: 700, fixedVersion: "", package: "tar" },
];
const SECRET_KEYS = ["db.password", "smtpPassword", "api-key"];
const SECRET_VARIABLES = ["DB_PASSWORD", "CLIENT_SECRET"];
const SYSTEMS = ["debian 13.2", "debian 13.1", "alpine 3.22.2", "ubuntu 24.04"];

export function guardrailsOf(namespace: PlannedNamespace): PlantedGuardrails {
  const random = randomFor("guardrails", namespace.uid);
  const level = random.below(100);
  const tier = random.below(100);
  const isSecond = random.perMille(600);
  const backup = random.below(100);
  const restore = random.below(100);
  return {
    podSecurity:
      namespace.isSystem || level < 25 ? null : level < 70 ? "restricted" : level < 95 ? "baseline" : "privileged",
    tier: namespace.isSystem || tier < 40 ? null : tier < 55 ? "1" : "3",
    disasterRecovery: tier >= 40 && tier < 55 && isSecond ? "second-region" : null,
    lastBackupDaysAgo: backup < 30 ? null : backup < 90 ? 1 : 21,
    restoreTestedDaysAgo: backup < 30 || restore < 25 ? null : restore < 85 ? 90 : 500,
    isDefaultTokenOff: random.perMille(650),
    secretKey: random.perMille(60) ? random.pick(SECRET_KEYS) : null,
    secretVariable: random.perMille(40) ? random.pick(SECRET_VARIABLES) : null,
    isOutOfSync: random.perMille(80),
  };
}

export function imageOf(namespace: PlannedNamespace, workload: Workload): PlantedImage {
  const random = randomFor("image", namespace.uid, workload.name);
  const age = random.perMille(850) ? 10 + random.below(150) : 200 + random.below(300);
  const isEndOfLife = random.perMille(50);
  return {
    createdDaysAgo: random.perMille(700) ? age : null,
    system: isEndOfLife ? "debian 10.13" : random.pick(SYSTEMS),
    isEndOfLife,
    holes: HOLES.filter(() => random.perMille(isEndOfLife ? 700 : 120)),
  };
}

/** Checks of Trivy's audit, and whether a workload fails them. */
export function auditOf(namespace: PlannedNamespace, workload: Workload) {
  const random = randomFor("audit", namespace.uid, workload.name);
  return AUDITED.map((check) => ({ ...check, success: !random.perMille(220) }));
}

const AUDITED = [
  {
    id: "KSV001",
    title: "Can elevate its own privileges",
    severity: "MEDIUM",
    description: "A program inside the container can gain more rights than the process that started it.",
    remediation: "Set securityContext.allowPrivilegeEscalation to false.",
  },
  {
    id: "KSV012",
    title: "Runs as root user",
    severity: "MEDIUM",
    description: "The container may run as root.",
    remediation: "Set securityContext.runAsNonRoot to true.",
  },
  {
    id: "KSV014",
    title: "Root file system is not read-only",
    severity: "HIGH",
    description: "Whoever breaks in can change the programs in the container.",
    remediation: "Set securityContext.readOnlyRootFilesystem to true.",
  },
] as const;

/** The cluster on Bottlerocket, whose version tells no day: when its images were made only EC2 knows. */
export const BOTTLEROCKET_CLUSTER = "quote-engine-prod";

/** Days before today on which the image of a node was made. */
export function machineImageOf(
  cluster: Cluster,
  node: ClusterNode,
): { id: string; createdDaysAgo: number; pool: string } {
  const { name } = node.pool;
  const random = randomFor("machine image", cluster.name, name);
  // EC2 tells a day that stays, so that no image may be younger than the first of the demo's looks.
  const youngest = cluster.name === BOTTLEROCKET_CLUSTER ? 40 : 10;
  return {
    id: `ami-0${uuidOf("machine image", cluster.name, name).replaceAll("-", "").slice(0, 16)}`,
    createdDaysAgo: name === "batch-spot" ? 70 + random.below(40) : youngest + random.below(55 - youngest),
    pool: name,
  };
}

/** Somebody who left, and a service account, with all rights in a whole cluster. */
export function administratorsOf(cluster: Pick<Cluster, "name">): {
  binding: string;
  kind: "User" | "ServiceAccount";
  name: string;
  namespace: string | null;
}[] {
  if (cluster.name === "motor-claims-prod" || cluster.name === "shared-eks-nonprod")
    return [{ binding: "migration-weekend", kind: "User", name: mailOf(LEAVER.name), namespace: null }];
  if (cluster.name === "regulatory-prod" || cluster.name === "rancher-tools")
    return [{ binding: "ci-deployer", kind: "ServiceAccount", name: "deployer", namespace: "default" }];
  return [];
}
