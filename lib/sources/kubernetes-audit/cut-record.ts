import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { auditEvent, toTrailEvent } from "#lib/sources/kubernetes-audit/normalize.ts";
import type { AuditOrigin } from "#lib/sources/kubernetes-audit/parse-events.ts";

/** How large an object's field may be and still be looked through; those that tell who did what are small and come first. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

/**
 * What is left of a record that was cut off, as CloudWatch Logs does at 256 KB: every field that is there whole, and where the
 * event's own time, which stands at its end, is gone, that of the line. The body says that it is incomplete and has the text as it arrived. Null where not even
 * the event's id is there.
 */
export function cutRecord({ sourceKey, clusterKey }: AuditOrigin, text: string, at: Date): TrailEvent | null {
  const parsed = auditEvent.safeParse({ requestReceivedTimestamp: at.toISOString(), ...wholeFields(text) });
  if (!parsed.success) return null;
  const body = new TextEncoder().encode(JSON.stringify({ incomplete: true, text }));
  const event = toTrailEvent(sourceKey, clusterKey, parsed.data, body);
  // Delivered whole by another way, it is an event of its own.
  return { ...event, eventKey: `${event.eventKey}/cut` };
}

/** The fields of an object whose text ends too early that end before it does. */
export function wholeFields(text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let depth = 0;
  let start = text.indexOf("{") + 1;
  let isString = false;
  for (let at = start; at < Math.min(text.length, MOST_CHARACTERS); at += 1) {
    const sign = text[at];
    if (isString) {
      if (sign === "\\") at += 1;
      else if (sign === '"') isString = false;
    } else if (sign === '"') isString = true;
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") depth -= 1;
    else if (sign === "," && depth === 0) {
      Object.assign(fields, parseField(text.slice(start, at)));
      start = at + 1;
    }
  }
  return fields;
}

function parseField(text: string): object {
  try {
    return JSON.parse(`{${text}}`) as object;
  } catch {
    return {};
  }
}
