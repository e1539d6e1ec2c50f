import type { ConfigRule } from "@aws-sdk/client-config-service";

/** What AWS Config says of one resource by one rule of one account and region. */
export type ConfigAnswer = {
  ruleName: string;
  region: string;
  resourceType: string;
  resourceId: string;
  /** "COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA". */
  complianceType: string | null;
  annotation: string | null;
  /** "DETECTIVE", "PROACTIVE"; null where AWS does not say. */
  mode: string | null;
  recordedAt: Date | null;
};

/** One rule as it stands in one region of the account. */
export type DeployedRule = {
  name: string;
  region: string;
  /** Its definition; null where it cannot be read. */
  definition: ConfigRule | null;
  /** Conformance packs that brought it. */
  packs: readonly string[];
};

/** Name of a resource, as the inventory has it. */
export type KnownResource = { resourceName: string };

/** What asking for a rule's results came to: the answers, none because it is gone, or why they cannot be read. */
export type RuleAnswers =
  | { kind: "answers"; answers: readonly ConfigAnswer[] }
  /** It has no results. `isEvaluated`: true = nothing is in its scope, null = AWS does not tell it from never evaluated. */
  | { kind: "none"; isEvaluated: boolean | null }
  | { kind: "gone" }
  | { kind: "unread"; reason: string; remedy: string | null };

/** One account, opened for reading: what rules it has, and how to ask for them. */
export type OpenedAccount = {
  accountId: string;
  rules: readonly DeployedRule[];
  /** Keyed by `resourceKey` of normalize.ts; empty where it cannot be read. */
  inventory: ReadonlyMap<string, KnownResource>;
  ask(rule: DeployedRule): Promise<RuleAnswers>;
};
