export type ActorKind = "user" | "role" | "service" | "root" | "federated" | "system" | "unknown";
/** What an action can do: look, change, or change who may do what and what is recorded. */
export type VerbClass = "read" | "write" | "admin";
export type Outcome = "success" | "failure" | "denied";

/** One thing that somebody did somewhere, as its system's trail tells it. Null is not told, and never "none". */
export type TrailEvent = {
  occurredAt: Date;
  sourceKey: string;
  /** Unique in its source: CloudTrail's eventID, auditID and stage of Kubernetes, an activity's id. */
  eventKey: string;
  /** By the trail's own name: an ARN, a user name. */
  actor: string;
  actorKind: ActorKind;
  /** Mail of the person behind it. */
  person: string | null;
  teamKey: string | null;
  /** "ec2.amazonaws.com:RunInstances", "delete namespaces", "rule.saved". */
  action: string;
  verbClass: VerbClass;
  /** An ARN, "namespaces/claims-prod"; "" where the trail names nothing. */
  resource: string;
  accountId: string | null;
  clusterKey: string | null;
  namespace: string | null;
  region: string | null;
  outcome: Outcome;
  sourceAddress: string | null;
  /** Of a sign-in: whether a second factor was asked for, as far as its trail can know; null for everything else. */
  mfa: "yes" | "no" | null;
  /** The record itself, as the trail wrote it. */
  body: Uint8Array;
};
