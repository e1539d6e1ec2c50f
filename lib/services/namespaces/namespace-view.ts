import type { DormancyJudgement } from "#lib/domain/dormancy/judge-dormancy.ts";
import type { Day } from "#lib/domain/period.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";
import type { ClusterStanding, Money, NamespaceRow } from "#lib/services/sprawl/sprawl-view.ts";

/** A namespace is found by its cluster and its uid, or by its name, which means the life that is there now or was last. */
export type NamespaceAddress = { clusterKey: string; uid?: string; name?: string };

/** A decision by a person of the platform. `endedAt` null = it lasts (until `until`, where that is set). */
export type OverrideView = {
  id: number;
  team: { key: string; name: string };
  reason: string;
  until: string | null;
  by: string;
  at: string;
  endedAt: string | null;
  endedBy: string | null;
  /** True where it counts now. */
  isActive: boolean;
};

export type ExemptionView = {
  id: number;
  reason: string;
  until: string | null;
  by: string;
  at: string;
  endedAt: string | null;
  endedBy: string | null;
  isActive: boolean;
  /** Written on the namespace itself, so that it cannot be ended here. */
  isAnnotation: boolean;
};

export type WorkloadView = {
  kind: string;
  name: string;
  desired: number;
  ready: number;
  images: string[];
  lastRolloutAt: string | null;
  managedBy: string | null;
  isSuspended: boolean;
};
export type CronJobView = {
  name: string;
  schedule: string;
  suspended: boolean;
  lastScheduledAt: string | null;
  lastSuccessfulAt: string | null;
};

/** What is in it. Each part null = unknown, with the reason in `unknown` of the view. */
export type NamespaceContentView = {
  pods: { total: number; running: number; pending: number; cpuCores: string; memoryGib: string; gpus: string } | null;
  workloads: WorkloadView[] | null;
  cronJobs: CronJobView[] | null;
  jobs: { name: string; lastFinishedAt: string | null; active: number; cronJob: string | null }[] | null;
  services: { name: string; type: string; hasEndpoints: boolean | null; isLoadBalancer: boolean }[] | null;
  ingresses: number | null;
  volumes:
    | { claim: string; phase: string; gib: string | null; storageClass: string | null; isUsedByPod: boolean | null }[]
    | null;
  customResources: { group: string; kind: string; count: number; managedBy: string | null }[] | null;
};

/** One line of the guardrails' list: "ok" = in place, "missing", "unknown" = may not be read. */
export type GuardrailView = {
  name: "quota" | "limits" | "network-policy" | "default-deny";
  title: string;
  standing: "ok" | "missing" | "unknown";
  detail: string;
};

export type BindingView = {
  name: string;
  role: string;
  isClusterRole: boolean;
  subjects: { kind: string; name: string; namespace: string | null }[];
};

/** What changed when. Newest first. */
export type HistoryEntry = {
  at: string;
  kind: "created" | "first-seen" | "labels" | "annotations" | "phase" | "owner" | "verdict" | "deleted" | "recreated";
  /** One sentence. */
  text: string;
};

/** What people did about it in Bursar, from the log of activity. Newest first. */
export type NamespaceEvent = { at: string; actor: string; action: string; detail: string };

export type NamespaceView = {
  asOf: string | null;
  row: NamespaceRow;
  /** When it went; null = it is there. */
  goneAt: string | null;
  phase: string;
  finalizers: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  cluster: ClusterStanding & { accountId: string | null; region: string | null; version: string | null };
  /** With every claim, those of the cluster's account included. */
  owner: OwnerView;
  overrides: OverrideView[];
  exemptions: ExemptionView[];
  /** Null before the first look that could be judged. */
  dormancy: (DormancyJudgement & { judgedAt: string; windowDays: number }) | null;
  content: NamespaceContentView;
  guardrails: GuardrailView[];
  /** Null = may not be read. */
  bindings: BindingView[] | null;
  /** Other lives under the same name. */
  lives: { uid: string; createdAt: string | null; firstSeenAt: string; goneAt: string | null }[];
  history: HistoryEntry[];
  events: NamespaceEvent[];
  cost: Money | null;
  /** Of an earlier instant: when what is told of its inside was seen; null = now, or nothing of it is kept. */
  contentSeenAt: string | null;
  costRange: { from: Day; to: Day } | null;
  /** Kinds that could not be read when it was last looked at. */
  unknown: ClusterStanding["unknown"];
  /** What the actor may do. */
  may: { overrule: boolean; exempt: boolean };
};
