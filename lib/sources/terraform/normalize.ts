import { z } from "zod";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { NOWHERE, type RecordNormalizer } from "#lib/sources/event-files/event-file-source.ts";

/**
 * What Atlantis posts after an apply, with the time at which it was received: Atlantis tells none.
 * https://www.runatlantis.io/docs/sending-notifications-via-webhooks
 */
const atlantisApply = z.looseObject({
  receivedAt: z.iso.datetime({ offset: true }),
  Workspace: z.string().nullish(),
  Directory: z.string().nullish(),
  ProjectName: z.string().nullish(),
  Repo: z.looseObject({ FullName: z.string().min(1) }),
  Pull: z.looseObject({ Num: z.number() }),
  User: z.looseObject({ Username: z.string().nullish() }).nullish(),
  Success: z.boolean(),
});

/** An entry of HCP Terraform's audit trail. https://developer.hashicorp.com/terraform/cloud-docs/api-docs/audit-trails */
const auditTrail = z.looseObject({
  id: z.string().min(1),
  timestamp: z.iso.datetime({ offset: true }),
  auth: z
    .looseObject({ accessor_id: z.string().nullish(), description: z.string().nullish(), type: z.string().nullish() })
    .nullish(),
  resource: z.looseObject({ id: z.string().nullish(), type: z.string(), action: z.string() }),
});

const READS = new Set(["read", "show", "list", "index", "download"]);
const ADMIN = /token|team|membership|permission|oauth|ssh_key|authentication|user/;

/** Runs of Terraform: applies of Atlantis, and the audit trail of HCP Terraform. */
export const terraform: RecordNormalizer = {
  listKey: "data",
  toEvents(record, { sourceKey, body, textHash }) {
    const base = { ...NOWHERE, sourceKey, body };
    const apply = atlantisApply.safeParse(record);
    if (apply.success) {
      const { receivedAt, Workspace, Directory, ProjectName, Repo, Pull, User, Success } = apply.data;
      const actor = User?.Username || "unknown";
      const event: TrailEvent = {
        ...base,
        // One pull request is applied as often as it takes, and nothing in the message tells one from another.
        eventKey: textHash,
        occurredAt: new Date(receivedAt),
        actor,
        actorKind: User?.Username ? "user" : "unknown",
        person: personOf(actor, null),
        action: "atlantis apply",
        verbClass: "write",
        resource: [`${Repo.FullName}#${Pull.Num}`, ProjectName || Directory, Workspace].filter(Boolean).join(" "),
        outcome: Success ? "success" : "failure",
      };
      return [event];
    }
    const entry = auditTrail.safeParse(record);
    if (!entry.success) return null;
    const { id, timestamp, auth, resource } = entry.data;
    const actor = auth?.description || auth?.accessor_id || "unknown";
    const isRead = READS.has(resource.action);
    const event: TrailEvent = {
      ...base,
      eventKey: id,
      occurredAt: new Date(timestamp),
      actor,
      actorKind: auth ? (auth.type === "Client" ? "user" : "service") : "unknown",
      person: personOf(actor, null),
      action: `${resource.action} ${resource.type}`,
      verbClass: isRead ? "read" : ADMIN.test(resource.type) ? "admin" : "write",
      resource: resource.id ? `${resource.type}/${resource.id}` : resource.type,
      outcome: "success",
    };
    return [event];
  },
};
