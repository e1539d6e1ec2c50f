import type { Severity } from "#lib/domain/posture/verdict.ts";

/** The thresholds of the checks, as `policies` of bursar.yaml has them. */
export type PolicySettings = {
  /** Environments that count as production; every other known one does not. Lower case. */
  productionEnvironments: string[];
  /** Words at the end of a namespace's name that name another environment. Lower case. */
  otherEnvironments: string[];
  podSecurity: { production: PodSecurityLevel; other: PodSecurityLevel };
  /** Keys of the teams that may hold cluster-admin. */
  platformTeams: string[];
  /** Groups that may, whoever is in them. */
  platformGroups: string[];
  /** Service accounts that may, as "namespace/name", either of which may be `*`. */
  platformServiceAccounts: string[];
  machineImageDays: number;
  nodeDays: number;
  containerImageDays: number;
  /** When images were made ("2026-05-01"), for those that do not say so themselves. `image` may hold `*`. */
  imageDates: { image: string; created: string }[];
  /** Days from the publication of a vulnerability in which it has to be gone; null = no deadline for this severity. */
  vulnerabilityDays: Record<Severity, number | null>;
  /** True where vulnerabilities that nobody has fixed yet have a deadline too. */
  vulnerabilitiesWithoutFix: boolean;
  backupDays: number;
  restoreTestDays: number;
  driftDays: number;
  /** Tags, labels or annotations that name the tier of an account or namespace. */
  tierKeys: string[];
  /** Tiers that have to survive the loss of a region. Lower case. */
  redundantTiers: string[];
  /** Tags, labels or annotations that say how. */
  redundancyKeys: string[];
  /** Tags that every account has; alternatives are separated by `|`. */
  requiredTags: string[];
};

export const POD_SECURITY_LEVELS = ["privileged", "baseline", "restricted"] as const;
export type PodSecurityLevel = (typeof POD_SECURITY_LEVELS)[number];

export const DEFAULT_POLICY_SETTINGS: PolicySettings = {
  productionEnvironments: ["prod", "production", "prd", "live"],
  otherEnvironments: [
    "dev",
    "development",
    "test",
    "tst",
    "int",
    "qa",
    "uat",
    "stage",
    "staging",
    "sandbox",
    "nonprod",
  ],
  podSecurity: { production: "restricted", other: "baseline" },
  platformTeams: [],
  platformGroups: ["system:masters"],
  platformServiceAccounts: ["kube-system/*"],
  machineImageDays: 60,
  nodeDays: 60,
  containerImageDays: 180,
  imageDates: [],
  vulnerabilityDays: { critical: 14, high: 30, medium: 90, low: null },
  vulnerabilitiesWithoutFix: false,
  backupDays: 7,
  restoreTestDays: 365,
  driftDays: 7,
  tierKeys: ["tier", "*/tier", "criticality", "*/criticality"],
  redundantTiers: ["0", "1", "tier-0", "tier-1", "critical"],
  redundancyKeys: ["multi-region", "*/multi-region", "disaster-recovery", "*/disaster-recovery", "dr", "*/dr"],
  requiredTags: ["team|owner|owner-team", "environment|env|stage", "cost-center|cost-centre|costcenter"],
};
