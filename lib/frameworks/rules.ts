import { z } from "zod";

/** Our own checks that a framework may name; each is a folder of lib/policies. */
export const OWN_CHECKS = [
  "account-has-config",
  "account-has-trail",
  "backup-and-restore-tested",
  "container-base-image-age",
  "drift-age",
  "leaver-has-no-access",
  "machine-image-age",
  "namespace-default-deny",
  "namespace-environments-apart",
  "namespace-owner-known",
  "namespace-pod-security-standard",
  "namespace-quota-and-limits",
  "no-cluster-admin-outside-platform",
  "no-default-service-account-token",
  "no-secrets-in-configuration",
  "node-age",
  "region-redundancy",
  "required-tags",
  "user-has-mfa",
  "vulnerability-deadline",
] as const;

/** Identifiers of AWS Config managed rules are upper case words joined by underscores; a few begin with a service's digit. */
export const MANAGED_RULE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
/** Results of policy reports and host baselines, and custom rules of AWS Config by their names. A trailing `*` means all that begin so. */
const FOREIGN_RULE = /^(?:policy-report|baseline|config-rule):(?:[^\s*]+\*?|\*)$/;

const ownChecks: readonly string[] = OWN_CHECKS;

export const ruleName = z
  .string()
  .refine((name) => MANAGED_RULE.test(name) || FOREIGN_RULE.test(name) || ownChecks.includes(name), {
    message:
      "must be the identifier of an AWS Config managed rule, one of Bursar's own checks, or a name that begins with policy-report:, baseline: or config-rule:",
  });
