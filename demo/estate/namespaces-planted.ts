import type { Cluster } from "#demo/estate/clusters.ts";
import { type Content, cronJobOf, emptyContent } from "#demo/estate/namespaces-content.ts";
import { type EvidenceKind, LABEL_PREFIX } from "#demo/estate/namespaces-evidence.ts";
import type { Trap } from "#demo/estate/namespaces.ts";
import type { Random } from "#demo/estate/random.ts";

/** A namespace that is dormant, or only looks so. */
export type Planted = {
  /** null = dormant in truth. */
  trap: Trap | null;
  /** How its owner can be found; null = as the cluster's habits have it. */
  evidence: EvidenceKind | null;
  ageDays: number;
  /** Days since the last sign of use; null where something runs now and then. */
  idleDays: number | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Of the dormant ones: what is left in it. */
  remains: "nothing" | "workloads-at-zero" | "finished-pods" | "idle-balancer";
  position: number;
};

const PLANTED_PLAN: Record<string, { dormant: number; traps: readonly Trap[] }> = {
  "shared-eks-prod": { dormant: 5, traps: ["gitops-at-zero", "protected-label", "long-interval-cron"] },
  "shared-eks-nonprod": { dormant: 9, traps: ["long-interval-cron", "freshly-created", "exemption"] },
  "policy-core-prod": { dormant: 1, traps: ["operator-watched"] },
  "motor-claims-prod": { dormant: 0, traps: ["volumes-with-data"] },
  "quote-engine-prod": { dormant: 1, traps: ["gitops-at-zero"] },
  "life-policy-prod": { dormant: 1, traps: ["gitops-at-zero"] },
  "crm-prod": { dormant: 0, traps: ["long-interval-cron"] },
  "workplace-prod": { dormant: 4, traps: ["protected-label"] },
  "analytics-gke": { dormant: 3, traps: ["operator-watched"] },
  "claims-insight-gke": { dormant: 1, traps: ["volumes-with-data"] },
  "rancher-tools": { dormant: 5, traps: ["terminating"] },
};
const REMAINS: readonly Planted["remains"][] = [
  "nothing",
  "workloads-at-zero",
  "workloads-at-zero",
  "finished-pods",
  "idle-balancer",
];
/** Of a dormant namespace: nothing that a controller keeps in place. */
const FREE_EVIDENCE: readonly EvidenceKind[] = [
  "label",
  "mail-annotation",
  "role-binding-person",
  "role-binding-group",
  "label",
  "annotation",
];
const SCHEDULES = ["0 3 1 */3 *", "0 5 2 1 *", "15 4 1 */6 *"] as const;

/** What is planted in a cluster: 30 dormant namespaces and 15 traps over all of them. */
export function plantedIn(cluster: Cluster): Planted[] {
  const { dormant, traps } = PLANTED_PLAN[cluster.name] ?? { dormant: 0, traps: [] };
  const blank = { labels: {}, annotations: {}, remains: "nothing" as const };
  return [
    ...Array.from({ length: dormant }, (_, position): Planted => {
      const idleDays = 45 + ((position * 37 + cluster.name.length * 11) % 200);
      return {
        ...blank,
        trap: null,
        evidence: FREE_EVIDENCE[(position + cluster.name.length) % FREE_EVIDENCE.length] ?? null,
        idleDays,
        ageDays: idleDays + 60 + position * 9,
        remains: REMAINS[(position + cluster.name.length) % REMAINS.length] ?? "nothing",
        position,
      };
    }),
    ...traps.map((trap, position): Planted => ({
      ...blank,
      trap,
      evidence: evidenceOf(trap, cluster),
      ageDays: trap === "freshly-created" ? 4 : 240 + position * 30,
      idleDays: trap === "freshly-created" || trap === "long-interval-cron" ? null : 80 + position * 20,
      labels: trap === "protected-label" ? { [`${LABEL_PREFIX}/protected`]: "true" } : {},
      annotations:
        trap === "exemption"
          ? {
              [`${LABEL_PREFIX}/keep-until`]: "2099-12-31",
              [`${LABEL_PREFIX}/keep-reason`]: "Kept for the yearly recovery exercise",
            }
          : {},
      position,
    })),
  ];
}

function evidenceOf(trap: Trap, cluster: Cluster): EvidenceKind {
  if (trap === "gitops-at-zero") return cluster.features.includes("flux") ? "flux" : "argo-cd";
  return "label";
}

/** What a planted namespace holds. `usual` is what one in use would hold. */
export function plantedContent(planted: Planted, usual: Content, random: Random): Content {
  const atZero: Content = {
    ...emptyContent(),
    workloads: usual.workloads
      .filter(({ kind }) => kind !== "CronJob")
      .map((workload) => ({
        ...workload,
        kind: "Deployment" as const,
        replicas: 0,
        rolledOutDaysAgo: planted.idleDays ?? 60,
      })),
    services: usual.services.map((service) => ({ ...service, type: "ClusterIP" as const, hasEndpoints: false })),
    hasQuota: usual.hasQuota,
  };
  switch (planted.trap) {
    case null:
      return dormantContent(planted, atZero, random);
    case "long-interval-cron":
      return {
        ...emptyContent(),
        workloads: [cronJobOf(random, "closing", SCHEDULES[planted.position % SCHEDULES.length] ?? SCHEDULES[0], 50)],
      };
    case "operator-watched":
      return {
        ...emptyContent(),
        customResources: [
          { group: "postgresql.cnpg.io", kind: "Cluster", name: "ledger" },
          { group: "kafka.strimzi.io", kind: "KafkaTopic", name: "policy-events" },
        ],
      };
    case "volumes-with-data":
      return { ...atZero, volumes: [{ name: "archive", sizeGi: 500, usedGi: 312.4 }] };
    case "terminating":
      return { ...atZero, isTerminating: true };
    case "gitops-at-zero":
    case "protected-label":
    case "exemption":
      return atZero;
    case "freshly-created":
      return emptyContent();
  }
}

function dormantContent({ remains, idleDays }: Planted, atZero: Content, random: Random): Content {
  if (remains === "workloads-at-zero") return atZero;
  if (remains === "finished-pods") {
    const job = cronJobOf(random, "migration", "", idleDays ?? 0);
    return { ...emptyContent(), workloads: [{ ...job, kind: "Job", schedule: null }] };
  }
  if (remains === "idle-balancer")
    return { ...atZero, services: [{ name: "entry", type: "LoadBalancer", hasEndpoints: false, workload: null }] };
  return emptyContent();
}
