import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { itemTexts } from "#lib/sources/event-files/item-texts.ts";
import { isPossibleTime } from "#lib/sources/event-time.ts";
import { auditEvent, toTrailEvent } from "#lib/sources/kubernetes-audit/normalize.ts";

/** Whose events they are: the source's name and the cluster's key. */
export type AuditOrigin = { sourceKey: string; clusterKey: string };

/**
 * The events of an EventList of audit.k8s.io/v1, as the webhook backend posts it. Its items have no kind of their own.
 *
 * @throws AppError "bad_data" with the item's number, from 1, where one of them is not understood.
 */
export function parseEventList(origin: AuditOrigin, text: string, now: Date): TrailEvent[] {
  if (!/"kind"\s*:\s*"EventList"/.test(text) || !/"apiVersion"\s*:\s*"audit\.k8s\.io\/v1"/.test(text))
    throw new AppError("bad_data", "This is no EventList of audit.k8s.io/v1.", {
      remedy: "Point the API server's audit webhook here, with --audit-webhook-version=audit.k8s.io/v1, its default.",
    });
  return itemTexts(text, "items").map((item, index) => parseAuditEvent(origin, item, { row: index + 1, now }));
}

/** One event. @throws AppError "bad_data" with its row. */
export function parseAuditEvent(
  { sourceKey, clusterKey }: AuditOrigin,
  text: string,
  { row, now }: { row: number; now: Date },
): TrailEvent {
  const refuse = (why: string, column: string, cause?: unknown) =>
    new AppError("bad_data", `Event ${row} is not understood: ${why}.`, { place: { row, column }, cause });
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (thrown) {
    throw refuse("it is not JSON", "", thrown);
  }
  const parsed = auditEvent.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(issue?.message ?? "of another form", issue?.path.join(".") ?? "");
  }
  const event = toTrailEvent(sourceKey, clusterKey, parsed.data, new TextEncoder().encode(text));
  if (!isPossibleTime(event.occurredAt, now))
    throw refuse(`it happened at ${parsed.data.requestReceivedTimestamp}`, "requestReceivedTimestamp");
  return event;
}
