import { z } from "zod";

const days = z.int().min(1).max(3650);
const keys = z.array(z.string().min(1)).max(100);
const lowerCase = keys.transform((values) => values.map((value) => value.toLowerCase()));
const level = z.enum(["privileged", "baseline", "restricted"]);
const deadline = z.int().min(0).max(3650).nullable();

/** `policies` of bursar.yaml: the thresholds of Bursar's own checks. What is left out is as lib/policies/policy-settings.ts has it. */
export const policiesSchema = z
  .strictObject({
    productionEnvironments: lowerCase.describe("Environments that count as production."),
    otherEnvironments: lowerCase.describe("Last words of a namespace's name that name another environment."),
    podSecurity: z
      .strictObject({ production: level, other: level })
      .describe("Pod Security Standard that namespaces have to enforce."),
    platformTeams: keys.describe("Keys of the teams that may hold cluster-admin."),
    platformGroups: keys.describe("Groups that may hold cluster-admin, whoever is in them."),
    platformServiceAccounts: keys.describe("Service accounts that may hold it, as namespace/name; either may be *."),
    machineImageDays: days.describe("How old the image of a machine may be."),
    nodeDays: days.describe("How old a node may be."),
    containerImageDays: days.describe("How old a container's image may be."),
    imageDates: z
      .array(z.strictObject({ image: z.string().min(1), created: z.iso.date() }))
      .max(10_000)
      .describe("When images were made, for those that do not say so themselves; the pattern knows *."),
    vulnerabilityDays: z
      .strictObject({ critical: deadline, high: deadline, medium: deadline, low: deadline })
      .describe("Days from its publication in which a vulnerability has to be gone, by severity; null = no deadline."),
    vulnerabilitiesWithoutFix: z.boolean().describe("True where one that nobody has fixed yet has a deadline as well."),
    backupDays: days.describe("How old a namespace's last backup may be."),
    restoreTestDays: days.describe("How long ago restoring it may last have been tried."),
    driftDays: days.describe("How long an application may be other than declared."),
    tierKeys: keys.describe("Tags, labels or annotations that name a tier."),
    redundantTiers: lowerCase.describe("Tiers that have to survive the loss of a region."),
    redundancyKeys: keys.describe("Tags, labels or annotations that say how."),
    requiredTags: keys.describe("Tags that every account has; alternatives are separated by |."),
  })
  .partial();
