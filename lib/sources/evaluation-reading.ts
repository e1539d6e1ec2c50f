import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";

/** A rule as its source describes it. */
export type EvaluatedRule = {
  /**
   * What frameworks call it: an AWS Config managed-rule identifier ("ENCRYPTED_VOLUMES"), "aws-config:<name>" of a custom rule, the id
   * of one of our checks, "policy-report:<policy>/<rule>", "baseline:<rule>", "finding:<product>/<control>".
   */
  ruleKey: string;
  title: string;
  description: string | null;
  severity: Severity | null;
  remedy: string | null;
  /** What the source itself keeps of it, as JSON. */
  details: Record<string, unknown>;
};

/** What was looked at. `kind` and `key` together are unique over all sources. */
export type EvaluatedResource = {
  /** The source's own word: "AWS::S3::Bucket", "Namespace", "Account", "Host", "Person". */
  kind: string;
  /** An ARN or provider id; "cluster uid" of what is in a cluster; an account id. */
  key: string;
  name: string;
  accountId: string | null;
  region: string | null;
  clusterKey: string | null;
  /** Uid of the namespace that it is, or is in. */
  namespaceUid: string | null;
  /** Environment that the source knows it by; null = that of its account or namespace counts. */
  environment: string | null;
};

export type EvaluationItem = {
  ruleKey: string;
  resource: EvaluatedResource;
  verdict: Verdict;
  /** Why, in a sentence; null where nothing is said. */
  note: string | null;
  /** What the source answered, as JSON; null where it gives no more than the verdict. */
  evidence: unknown;
  /**
   * From when on it is so by the source's own record, where that is later than the last look at this part or the source hands in the
   * past; null = from this look on. A verdict of the past, with `to`, restates what was known of that time.
   */
  from: Date | null;
  /** Until when it was so; null = it still is. */
  to: Date | null;
};

/** A rule that could not be read: what was known of it is unknown from this look on. `remedy` names the permission to add. */
export type UnreadRule = { ruleKey: string; reason: string; remedy: string | null };

/**
 * One part of a source as it was evaluated when it was read. Items are streamed, so that memory does not grow with the part; one rule
 * and resource come once. What is missing from the items is no longer evaluated, unless its rule is in `unread`.
 */
export type EvaluationReading = {
  /** The rules; complete before `items` are read. */
  rules: EvaluatedRule[];
  items: AsyncIterable<readonly EvaluationItem[]>;
  /** Asked after the items have been read. */
  unread(): UnreadRule[];
};
