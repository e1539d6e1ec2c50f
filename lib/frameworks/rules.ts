import { z } from "zod";
import { POLICIES } from "#lib/policies/index.ts";

/** Identifiers of AWS Config managed rules are upper case words joined by underscores; a few begin with a service's digit. */
export const MANAGED_RULE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
/** Custom rules of AWS Config by name, results of policy reports, host baselines and findings of other tools. A trailing `*` means all that begin so. */
const FOREIGN_RULE = /^(?:aws-config|policy-report|baseline|finding):(?:[^\s*]+\*?|\*)$/;

const ownChecks = new Set(POLICIES.map(({ id }) => id));

export const ruleName = z
  .string()
  .refine((name) => MANAGED_RULE.test(name) || FOREIGN_RULE.test(name) || ownChecks.has(name), {
    message:
      "must be the identifier of an AWS Config managed rule, one of Bursar's own checks, or a name that begins with aws-config:, policy-report:, baseline: or finding:",
  });
