import type { BillingPeriod } from "#lib/domain/period.ts";

/** What a rule asks of a cost. Every given field must match; within a field one of the values is enough. `*` in a value stands for any characters. */
export type RuleMatch = {
  provider?: string[];
  billingAccountId?: string[];
  subAccountId?: string[];
  regionId?: string[];
  serviceName?: string[];
  chargeCategory?: string[];
  /** Glob patterns over ResourceId. */
  resourceId?: string[];
  /** Keys are alternatives for one another; without `values` any non-empty value will do. Keys and values are compared trimmed and without case. */
  tag?: { keys: string[]; values?: string[] };
};

/** Where a matching cost goes. "tag-value" reads the team's key, name or alias from the first of the tags that is there; where it names no team the rule does not match. */
export type RuleTarget =
  | { kind: "team"; team: string }
  | { kind: "pool"; pool: string }
  | { kind: "tag-value"; keys: string[]; aliases?: Record<string, string> };

export type AllocationRule = {
  ruleId: string;
  position: number;
  name: string;
  match: RuleMatch;
  target: RuleTarget;
  /** First billing period it applies to; null = from the beginning. */
  validFrom: BillingPeriod | null;
  /** First billing period it no longer applies to; null = open. */
  validTo: BillingPeriod | null;
};

export type PoolMethod = "even" | "proportional" | "fixed";

/** A shared pool. For "fixed", weights are decimal strings by team key; otherwise its keys are the members, {} = every team of the period. */
export type SharedPool = { key: string; name: string; method: PoolMethod; weights: Record<string, string> };

/** The dimensions that rules look at: one key of the roll-up. Missing values are "". Tags have normalised keys. */
export type ChargeDimensions = {
  provider: string;
  billingAccountId: string;
  subAccountId: string;
  regionId: string;
  serviceCategory: string;
  serviceName: string;
  chargeCategory: string;
  tags: Record<string, string>;
  /** Which of the projection's resource patterns the line items match. */
  resourcePatterns: string[];
};

/** A team as the directory knows it in the period that is being allocated. */
export type DirectoryTeam = {
  teamKey: string;
  teamName: string;
  businessUnitKey: string;
  businessUnitName: string;
  costCentre: string;
  aliases: string[];
};

/** The verdict on one key: exactly one of team and pool, or neither (unallocated). */
export type Assignment =
  | { kind: "team"; teamKey: string }
  | { kind: "pool"; poolKey: string }
  | { kind: "unallocated" };
