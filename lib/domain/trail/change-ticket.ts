import { isMail } from "#lib/domain/mail.ts";
import { storableText } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** One version of a change request: who may change something when. */
export type ChangeTicket = {
  sourceKey: string;
  number: string;
  /** When this version was written. */
  updatedAt: Date;
  /** Mail of whom it is assigned to; null = not told, so that it covers nobody. */
  person: string | null;
  /** As planned, half-open; null = not planned. */
  from: Date | null;
  to: Date | null;
  /** Approved and not called off. */
  isApproved: boolean;
};

type Json = { readonly [name: string]: unknown };

/** ServiceNow's have 40. An index has no room for any length. */
const MOST_NUMBER_CHARACTERS = 253;
const CALLED_OFF = new Set(["4", "canceled", "cancelled"]);

/** Whether an event may tell a version of a change request. */
export function isTicket({ action }: Pick<TrailEvent, "action">): boolean {
  return action.startsWith("change_request");
}

/** The change request that an event of ServiceNow tells a version of; null for every other event. Pure. */
export function changeTicketOf(event: TrailEvent): ChangeTicket | null {
  if (!isTicket(event)) return null;
  const { sourceKey, occurredAt, body } = event;
  const record = recordOf(body);
  const number = plain(record["number"]);
  if (number === "" || number.length > MOST_NUMBER_CHARACTERS) return null;
  // Only a field that reaches through to the person has the mail; the assignment itself has a name and an id.
  const people = [plain(record["assigned_to.email"]), shown(record["assigned_to"]), plain(record["assigned_to"])];
  const state = plain(record["state"]).toLowerCase();
  const isCalledOff = CALLED_OFF.has(state) || CALLED_OFF.has(shown(record["state"]).toLowerCase());
  return {
    sourceKey,
    number,
    updatedAt: occurredAt,
    person: people.find(isMail)?.toLowerCase() ?? null,
    from: instantOf(plain(record["start_date"])),
    to: instantOf(plain(record["end_date"])),
    isApproved: plain(record["approval"]).toLowerCase() === "approved" && !isCalledOff,
  };
}

function recordOf(body: Uint8Array): Json {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof parsed === "object" && parsed !== null ? (parsed as Json) : {};
  } catch {
    return {};
  }
}

/** A field is a text, or an object of value and display value. */
function part(field: unknown, first: "value" | "display_value", second: "value" | "display_value"): string {
  if (typeof field === "string") return storableText(field);
  if (typeof field !== "object" || field === null) return "";
  const { [first]: one, [second]: other } = field as Json;
  return storableText(typeof one === "string" ? one : typeof other === "string" ? other : "");
}

function plain(field: unknown): string {
  return part(field, "value", "display_value");
}

function shown(field: unknown): string {
  return part(field, "display_value", "value");
}

/** "2026-03-01 10:00:00" in UTC, as values are. */
function instantOf(text: string): Date | null {
  const found = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text);
  const at = found ? new Date(`${found[1]}T${found[2]}Z`) : null;
  return at === null || Number.isNaN(at.getTime()) ? null : at;
}
