import { describe, expect, test } from "vitest";
import type { NamespaceFacts } from "#lib/policies/facts.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { daysAgo, judgeNamespace } from "./judged.ts";

const GOOD: NamespaceFacts = {
  name: "motor-api-prod",
  isSystem: false,
  labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  annotations: {},
  environment: "prod",
  clusterEnvironment: "production",
  owner: { teamKey: "motor-claims", strength: "explicit", isFullyRead: true },
  quotas: 1,
  limitRanges: 1,
  hasDefaultDeny: true,
  administrators: [],
  isDefaultTokenMounted: false,
  templates: [{ workload: "Deployment api", usesDefaultAccount: true, mountsToken: null }],
  configKeys: [{ place: "ConfigMap settings", name: "log.level", shape: null }],
  variables: [{ place: "Deployment api", name: "PORT", shape: null }],
  holdsData: true,
  lastBackupAt: daysAgo(1),
  restoreTestedAt: daysAgo(100),
};
const labelled = (level: string) => ({ labels: { "pod-security.kubernetes.io/enforce": level } });
const owner = (part: Partial<NamespaceFacts["owner"]>) => ({ owner: { ...GOOD.owner, ...part } });
const key = (name: string, shape: string | null = null) => ({ place: "ConfigMap settings", name, shape });
const template = (part: Partial<NonNullable<NamespaceFacts["templates"]>[number]>) => ({
  workload: "Deployment api",
  usesDefaultAccount: true,
  mountsToken: null,
  ...part,
});

/** Check, what is different from a namespace in which everything is as it should be, and the verdict on that. */
const CASES: [string, Partial<NamespaceFacts>, Verdict, string?][] = [
  ["namespace-owner-known", {}, "pass", "motor-claims"],
  ["namespace-owner-known", owner({ strength: "derived" }), "pass"],
  ["namespace-owner-known", owner({ strength: "weak" }), "fail", "hint"],
  ["namespace-owner-known", owner({ teamKey: null, strength: "contested" }), "fail", "Several"],
  ["namespace-owner-known", owner({ teamKey: null, strength: "none" }), "fail"],
  ["namespace-owner-known", owner({ teamKey: null, strength: "none", isFullyRead: false }), "unknown"],
  ["namespace-owner-known", { isSystem: true }, "not_applicable"],
  ["namespace-pod-security-standard", {}, "pass"],
  ["namespace-pod-security-standard", { labels: {} }, "fail", "no label"],
  ["namespace-pod-security-standard", labelled("strict"), "fail", "does not exist"],
  ["namespace-pod-security-standard", labelled("baseline"), "fail", "asks for restricted"],
  ["namespace-pod-security-standard", { ...labelled("baseline"), environment: "test" }, "pass"],
  ["namespace-pod-security-standard", { ...labelled("privileged"), environment: "test" }, "fail"],
  ["namespace-pod-security-standard", { ...labelled("baseline"), environment: null }, "unknown"],
  ["namespace-pod-security-standard", { environment: null }, "pass"],
  ["namespace-pod-security-standard", { ...labelled("privileged"), environment: null }, "fail"],
  ["namespace-pod-security-standard", { isSystem: true }, "not_applicable"],
  ["namespace-default-deny", {}, "pass"],
  ["namespace-default-deny", { hasDefaultDeny: false }, "fail"],
  ["namespace-default-deny", { hasDefaultDeny: null }, "unknown"],
  ["namespace-default-deny", { isSystem: true }, "not_applicable"],
  ["namespace-quota-and-limits", {}, "pass"],
  ["namespace-quota-and-limits", { quotas: 0 }, "fail", "no quota"],
  ["namespace-quota-and-limits", { quotas: 0, limitRanges: 0 }, "fail", "no quota and no limit range"],
  ["namespace-quota-and-limits", { quotas: 0, limitRanges: null }, "fail"],
  ["namespace-quota-and-limits", { quotas: null }, "unknown"],
  ["namespace-quota-and-limits", { limitRanges: null }, "unknown"],
  ["namespace-quota-and-limits", { isSystem: true }, "not_applicable"],
  ["no-default-service-account-token", {}, "pass"],
  ["no-default-service-account-token", { isDefaultTokenMounted: true }, "fail", "Deployment api"],
  ["no-default-service-account-token", { templates: [template({ mountsToken: true })] }, "fail"],
  [
    "no-default-service-account-token",
    { isDefaultTokenMounted: true, templates: [template({ mountsToken: false })] },
    "pass",
  ],
  [
    "no-default-service-account-token",
    { isDefaultTokenMounted: true, templates: [template({ usesDefaultAccount: false })] },
    "pass",
  ],
  ["no-default-service-account-token", { isDefaultTokenMounted: null }, "unknown"],
  [
    "no-default-service-account-token",
    { isDefaultTokenMounted: null, templates: [template({ mountsToken: true })] },
    "fail",
  ],
  ["no-default-service-account-token", { templates: null }, "unknown"],
  ["namespace-environments-apart", {}, "pass"],
  ["namespace-environments-apart", { environment: "test" }, "fail", "It is test in a cluster for production."],
  ["namespace-environments-apart", { environment: "test", clusterEnvironment: "dev" }, "pass"],
  ["namespace-environments-apart", { environment: null }, "unknown"],
  ["namespace-environments-apart", { clusterEnvironment: null }, "unknown"],
  ["namespace-environments-apart", { isSystem: true }, "not_applicable"],
  ["backup-and-restore-tested", {}, "pass"],
  ["backup-and-restore-tested", { lastBackupAt: daysAgo(8) }, "fail", "last backed up"],
  ["backup-and-restore-tested", { restoreTestedAt: daysAgo(366) }, "fail", "Restoring"],
  ["backup-and-restore-tested", { restoreTestedAt: null }, "fail"],
  ["backup-and-restore-tested", { lastBackupAt: null }, "unknown"],
  ["backup-and-restore-tested", { holdsData: null }, "unknown"],
  ["backup-and-restore-tested", { holdsData: false, lastBackupAt: null }, "not_applicable"],
  ["no-secrets-in-configuration", {}, "pass"],
  ["no-secrets-in-configuration", { configKeys: [key("dbPassword")] }, "fail", "dbPassword"],
  ["no-secrets-in-configuration", { variables: [key("AWS_SECRET_ACCESS_KEY")] }, "fail"],
  ["no-secrets-in-configuration", { configKeys: [key("config.yaml", "a private key")] }, "fail", "looks like"],
  ["no-secrets-in-configuration", { configKeys: [key("db-password-file"), key("tokenTtl"), key("bypass")] }, "pass"],
  ["no-secrets-in-configuration", { configKeys: null }, "unknown"],
  ["no-secrets-in-configuration", { variables: null }, "unknown"],
  ["no-secrets-in-configuration", { configKeys: null, variables: [key("API_KEY")] }, "fail"],
];

describe("a namespace", () => {
  test.each(CASES)("%s %j is %s", (id, part, verdict, said) => {
    const judgement = judgeNamespace(id, { ...GOOD, ...part });
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.note).toContain(said ?? "");
    expect(judgement.note).toMatch(/\.$/);
  });

  test("may ask for other levels and deadlines", () => {
    const relaxed = { podSecurity: { production: "baseline", other: "privileged" } } as const;
    expect(
      judgeNamespace("namespace-pod-security-standard", { ...GOOD, ...labelled("baseline") }, relaxed).verdict,
    ).toBe("pass");
    expect(
      judgeNamespace("backup-and-restore-tested", { ...GOOD, lastBackupAt: daysAgo(8) }, { backupDays: 8 }).verdict,
    ).toBe("pass");
  });
});
