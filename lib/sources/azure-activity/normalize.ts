import { z } from "zod";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { ActorKind, Outcome, TrailEvent, VerbClass } from "#lib/domain/trail/trail-event.ts";
import { NOWHERE, type RecordNormalizer } from "#lib/sources/event-files/event-file-source.ts";

const named = z.looseObject({ value: z.string() });

/** As the API lists events (EventData). https://learn.microsoft.com/rest/api/monitor/activity-logs/list */
const listed = z.looseObject({
  eventDataId: z.string().min(1),
  eventTimestamp: z.iso.datetime({ offset: true }),
  operationName: named,
  caller: z.string().nullish(),
  resourceId: z.string().nullish(),
  status: named.nullish(),
  subStatus: z.looseObject({ value: z.string().nullish() }).nullish(),
  httpRequest: z.looseObject({ clientIpAddress: z.string().nullish() }).nullish(),
});

/** As diagnostic settings write them to a storage account. https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema */
const exported = z.looseObject({
  time: z.iso.datetime({ offset: true }),
  operationName: z.string().min(1),
  resourceId: z.string(),
  resultType: z.string().nullish(),
  resultSignature: z.string().nullish(),
  callerIpAddress: z.string().nullish(),
  identity: z.looseObject({ claims: z.record(z.string(), z.string()).nullish() }).nullish(),
});

const UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
/** What changes who may do what, or what is recorded. */
const ADMIN =
  /^microsoft\.(authorization|managedidentity|policyinsights)\/|accesspolicies|diagnosticsettings|\/roleassignments\/|regeneratekey/i;

type Activity = {
  at: string;
  key: string;
  operation: string;
  caller: string | null;
  resourceId: string;
  result: string;
  address: string | null;
};

/** The events of Azure's activity log, in both of the forms in which it hands them out. */
export const azureActivity: RecordNormalizer = {
  listKey: "value",
  toEvents(record, { sourceKey, body, textHash }) {
    const activity = readListed(record) ?? readExported(record, textHash);
    if (activity === null) return null;
    const { caller, operation, resourceId } = activity;
    const event: TrailEvent = {
      ...NOWHERE,
      sourceKey,
      body,
      eventKey: activity.key,
      occurredAt: new Date(activity.at),
      actor: caller ?? "Azure",
      actorKind: kindOf(caller),
      person: caller === null ? null : personOf(caller, null),
      action: operation,
      verbClass: verbClassOf(operation),
      resource: resourceId,
      accountId: /^\/subscriptions\/([^/]+)/i.exec(resourceId)?.[1]?.toLowerCase() ?? null,
      outcome: outcomeOf(activity.result),
      sourceAddress: activity.address,
    };
    return [event];
  },
};

function readListed(record: unknown): Activity | null {
  const parsed = listed.safeParse(record);
  if (!parsed.success) return null;
  const { eventDataId, eventTimestamp, operationName, caller, resourceId, status, subStatus, httpRequest } =
    parsed.data;
  return {
    at: eventTimestamp,
    key: eventDataId,
    operation: operationName.value,
    caller: caller ?? null,
    resourceId: resourceId ?? "",
    result: `${status?.value ?? ""} ${subStatus?.value ?? ""}`,
    address: httpRequest?.clientIpAddress ?? null,
  };
}

/** These have no id: the record itself is its key, so that one which is delivered again is the same. */
function readExported(record: unknown, textHash: string): Activity | null {
  const parsed = exported.safeParse(record);
  if (!parsed.success) return null;
  const { time, operationName, resourceId, resultType, resultSignature, callerIpAddress, identity } = parsed.data;
  const claims = identity?.claims ?? {};
  return {
    at: time,
    key: textHash,
    operation: operationName,
    caller: claims[UPN] ?? claims["name"] ?? claims["appid"] ?? null,
    resourceId,
    result: `${resultType ?? ""} ${resultSignature ?? ""}`,
    address: callerIpAddress ?? null,
  };
}

function kindOf(caller: string | null): ActorKind {
  if (caller === null) return "system";
  return caller.includes("@") ? "user" : "service";
}

function verbClassOf(operation: string): VerbClass {
  if (/\/read$/i.test(operation)) return "read";
  return ADMIN.test(operation) ? "admin" : "write";
}

function outcomeOf(result: string): Outcome {
  if (/forbidden|unauthorized|denied/i.test(result)) return "denied";
  return /fail|error|conflict|badrequest|cancel/i.test(result) ? "failure" : "success";
}
