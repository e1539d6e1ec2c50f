import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import { itemTexts } from "#lib/sources/event-files/item-texts.ts";
import { isPossibleTime } from "#lib/sources/event-time.ts";
import { auditEvent, toTrailEvent } from "#lib/sources/kubernetes-audit/normalize.ts";
import { isJson } from "#lib/sources/is-json.ts";

/** Whose events they are: the source's name and the cluster's key. */
export type AuditOrigin = { sourceKey: string; clusterKey: string };

/** An item that is no event: its number in the list, from 1, the field that is the reason, "" for all of it, and what was sent. */
export type OddItem = { row: number; field: string; text: string };

/**
 * The events of an EventList of audit.k8s.io/v1, as the webhook backend posts it, and the items that are not understood: one of them must not hold up
 * the others. Items have no kind of their own.
 *
 * @throws AppError "invalid_input" for what is no such list, "bad_data" for one that was cut off or is not JSON: where its items end is not certain.
 */
export function parseEventList(origin: AuditOrigin, text: string, now: Date): { events: TrailEvent[]; odd: OddItem[] } {
  if (!/"kind"\s*:\s*"EventList"/.test(text) || !/"apiVersion"\s*:\s*"audit\.k8s\.io\/v1"/.test(text))
    throw new AppError("invalid_input", "This is no EventList of audit.k8s.io/v1.", {
      remedy: "Point the API server's audit webhook here, with --audit-webhook-version=audit.k8s.io/v1, its default.",
    });
  const events: TrailEvent[] = [];
  const odd: OddItem[] = [];
  for (const [index, item] of itemTexts(text, "items").entries())
    try {
      events.push(parseAuditEvent(origin, item, { row: index + 1, now }));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "bad_data" || !isJson(item)) throw thrown;
      // Deeper fields have names that whoever asks has chosen.
      const [field = ""] = thrown.place?.column?.split(".") ?? [];
      odd.push({ row: index + 1, field, text: item });
    }
  return { events, odd };
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
