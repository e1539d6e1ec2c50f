import { z } from "zod";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { Outcome, TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { NOWHERE, type RecordNormalizer } from "#lib/sources/event-files/event-file-source.ts";

/** A value as the Table API writes it: plain, or with what people see, or with a link. */
const value = z
  .union([z.string(), z.looseObject({ display_value: z.string().nullish(), value: z.string().nullish() })])
  .nullish();

/** A row of change_request. https://www.servicenow.com/docs: Table API, sysparm_display_value */
const change = z.looseObject({
  sys_id: value,
  number: value,
  state: value,
  approval: value,
  type: value,
  cmdb_ci: value,
  sys_updated_on: value,
  sys_updated_by: value,
});

/** States of the base system by their numbers, which a query without display values answers. */
const STATES: Readonly<Record<string, string>> = {
  "-5": "new",
  "-4": "assess",
  "-3": "authorize",
  "-2": "scheduled",
  "-1": "implement",
  "0": "review",
  "3": "closed",
  "4": "canceled",
};

/** Changes of ServiceNow: every version of a change request that was exported is an event at the time of its update. */
export const servicenow: RecordNormalizer = {
  listKey: "result",
  toEvents(record, { sourceKey, body }) {
    const parsed = change.safeParse(record);
    if (!parsed.success) return null;
    const { sys_id: id, number, state, approval, cmdb_ci: item, sys_updated_on: on, sys_updated_by: by } = parsed.data;
    const occurredAt = instantOf(plain(on));
    if (plain(id) === "" || plain(number) === "" || occurredAt === null) return null;
    const stateText = STATES[plain(state)] ?? shown(state).toLowerCase();
    const actor = plain(by) || "unknown";
    const event: TrailEvent = {
      ...NOWHERE,
      sourceKey,
      body,
      eventKey: `${plain(id)}/${occurredAt.toISOString()}`,
      occurredAt,
      actor,
      actorKind: actor === "unknown" ? "unknown" : actor === "system" ? "system" : "user",
      person: personOf(actor, null),
      action: `change_request ${stateText}`.trim(),
      verbClass: "write",
      resource: [plain(number), shown(item)].filter((part) => part !== "").join(" "),
      outcome: outcomeOf(plain(approval)),
    };
    return [event];
  },
};

type Value = z.infer<typeof value>;

function plain(text: Value): string {
  return typeof text === "string" ? text : (text?.value ?? text?.display_value ?? "");
}

function shown(text: Value): string {
  return typeof text === "string" ? text : (text?.display_value ?? text?.value ?? "");
}

/** "2026-03-01 10:00:00", always in UTC where it is the value and not what people see. */
function instantOf(text: string): Date | null {
  const found = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text);
  const at = new Date(found ? `${found[1]}T${found[2]}Z` : text);
  return text === "" || Number.isNaN(at.getTime()) ? null : at;
}

function outcomeOf(approval: string): Outcome {
  return approval === "rejected" ? "denied" : "success";
}
