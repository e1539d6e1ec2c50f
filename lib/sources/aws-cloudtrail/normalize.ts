import { isMail } from "#lib/domain/mail.ts";
import type { ActorKind, Outcome, TrailEvent, VerbClass } from "#lib/domain/trail/trail-event.ts";
import type { CloudTrailRecord } from "#lib/sources/aws-cloudtrail/api-types.ts";

/** Who acted, as far as the record tells: the name that CloudTrail itself uses, and the mail where the session has it. */
type ActorView = { actor: string; actorKind: ActorKind; person: string | null };

/** Services whose writes change who may do what, or what is recorded. */
const ADMIN_SERVICES = new Set([
  "iam.amazonaws.com",
  "organizations.amazonaws.com",
  "sso.amazonaws.com",
  "sso-directory.amazonaws.com",
  "identitystore.amazonaws.com",
  "cloudtrail.amazonaws.com",
  "config.amazonaws.com",
  "guardduty.amazonaws.com",
  "securityhub.amazonaws.com",
  "access-analyzer.amazonaws.com",
  "controltower.amazonaws.com",
]);
/** Names of actions that change permissions or keys in any other service. */
const ADMIN_ACTION = /policy|permission|grant|acl|publicaccess|disablekey|schedulekeydeletion|accessentry/i;
/** The field `readOnly` came with version 1.01; names of older records begin with what they do. */
const READ_ACTION = /^(get|list|describe|head|lookup|search|query|scan|batchget|view|check|simulate|test|validate)/i;
const DENIED = /(accessdenied|unauthorized|forbidden|authfailure|notauthorized|optinrequired)/i;

/** Parameters that name what was acted on, the most telling first. */
const RESOURCE_PARAMETERS = [
  "resourceArn",
  "roleArn",
  "policyArn",
  "bucketName",
  "roleName",
  "userName",
  "groupName",
  "policyName",
  "instanceId",
  "functionName",
  "clusterName",
  "keyId",
  "secretId",
  "name",
];
/** Longer names are kept in the record only. */
const LONGEST_RESOURCE = 500;

/** One record as an event of the trail. `body` is the record's JSON text. */
export function toTrailEvent(sourceKey: string, record: CloudTrailRecord, body: Uint8Array): TrailEvent {
  return {
    occurredAt: new Date(record.eventTime),
    sourceKey,
    eventKey: record.eventID,
    ...actorOf(record),
    teamKey: null,
    action: `${record.eventSource}:${record.eventName}`,
    verbClass: verbClassOf(record),
    resource: resourceOf(record),
    accountId: record.recipientAccountId ?? record.userIdentity?.accountId ?? null,
    clusterKey: null,
    namespace: null,
    region: record.awsRegion ?? null,
    outcome: outcomeOf(record),
    sourceAddress: record.sourceIPAddress ?? null,
    mfa: mfaOf(record),
    body,
  };
}

/**
 * The actor by the kinds of identity that CloudTrail documents (userIdentity element). The session of a role that IAM Identity Center made is
 * named after the person; a session of any other role is named by whoever assumed it, and is a person only where it is a mail.
 */
function actorOf({ userIdentity }: CloudTrailRecord): ActorView {
  const identity = userIdentity ?? {};
  // Whoever asks without any credentials has an empty principal id.
  const name = identity.arn || identity.userName || identity.principalId || identity.invokedBy || "unknown";
  switch (identity.type) {
    case "Root":
      return { actor: name, actorKind: "root", person: null };
    case "IAMUser":
      return { actor: name, actorKind: "user", person: mailIn(identity.userName) };
    case "AssumedRole":
      return { actor: name, actorKind: "role", person: mailIn(sessionName(identity.arn ?? identity.principalId)) };
    case "FederatedUser":
    case "SAMLUser":
    case "WebIdentityUser":
    case "IdentityCenterUser":
      return {
        actor: identity.onBehalfOf?.userId ?? name,
        actorKind: "federated",
        person: mailIn(identity.userName) ?? mailIn(sessionName(identity.principalId)),
      };
    case "AWSService":
      return { actor: identity.invokedBy ?? name, actorKind: "service", person: null };
    case "Role":
      return { actor: name, actorKind: "role", person: null };
    default:
      // Events of services about themselves have no type, and say who invoked them.
      return identity.invokedBy
        ? { actor: identity.invokedBy, actorKind: "service", person: null }
        : { actor: name === "unknown" ? (identity.accountId ?? name) : name, actorKind: "unknown", person: null };
  }
}

/** What stands after the last "/" of an ARN, or the ":" of a principal id. */
function sessionName(text: string | null | undefined): string | null {
  const found = /[/:]([^/:]+)$/.exec(text ?? "");
  return found?.[1] ?? null;
}

function mailIn(text: string | null | undefined): string | null {
  return text && isMail(text) ? text.toLowerCase() : null;
}

function verbClassOf(record: CloudTrailRecord): VerbClass {
  if (record.readOnly ?? READ_ACTION.test(record.eventName)) return "read";
  return ADMIN_SERVICES.has(record.eventSource) || ADMIN_ACTION.test(record.eventName) ? "admin" : "write";
}

function outcomeOf({ errorCode, eventName, responseElements }: CloudTrailRecord): Outcome {
  if (errorCode) return DENIED.test(errorCode) ? "denied" : "failure";
  // A sign-in that failed is no error of the API.
  return responseElements?.[eventName] === "Failure" ? "denied" : "success";
}

/**
 * Whether a sign-in to the console used a second factor. Of root and IAM users CloudTrail knows; whoever comes from an identity provider was asked there,
 * and CloudTrail says "No" of all of them. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
 */
function mfaOf({ eventName, userIdentity, additionalEventData }: CloudTrailRecord): TrailEvent["mfa"] {
  if (eventName !== "ConsoleLogin" || !OWN_SIGN_INS.has(userIdentity?.type ?? "")) return null;
  const told = additionalEventData?.["MFAUsed"];
  return told === "Yes" ? "yes" : told === "No" ? "no" : null;
}

const OWN_SIGN_INS = new Set(["Root", "IAMUser"]);

function resourceOf({ resources, requestParameters }: CloudTrailRecord): string {
  const named = resources?.find(({ ARN }) => ARN)?.ARN;
  if (named) return named.slice(0, LONGEST_RESOURCE);
  const parameters = requestParameters ?? {};
  const key = RESOURCE_PARAMETERS.find((name) => typeof parameters[name] === "string" && parameters[name] !== "");
  const found = key === undefined ? firstId(parameters) : String(parameters[key]);
  return found.slice(0, LONGEST_RESOURCE);
}

/** EC2 lists what it acts on: { instancesSet: { items: [{ instanceId }] } }. */
function firstId(parameters: Record<string, unknown>): string {
  for (const value of Object.values(parameters)) {
    const items: unknown = value && typeof value === "object" && "items" in value ? value.items : null;
    const first: unknown = Array.isArray(items) ? items[0] : null;
    if (first && typeof first === "object")
      for (const [name, id] of Object.entries(first)) if (name.endsWith("Id") && typeof id === "string") return id;
  }
  return "";
}
