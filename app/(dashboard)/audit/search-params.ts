import { z } from "zod";
import { parseWindows } from "#lib/domain/trail/change-window.ts";
import { alternativesOf } from "#lib/domain/trail/event-terms.ts";
import { MOST_TEXT_CHARACTERS } from "#lib/domain/trail/storable-event.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";
import type { TrailPlace, TrailQuery } from "#lib/services/trail/search/trail-view.ts";

/** As long as what an event may have there, so that its links find it. */
const field = z.string().trim().min(1).max(MOST_TEXT_CHARACTERS).nullable().catch(null).default(null);
export const MOST_WORDS_CHARACTERS = 500;
const text = z.string().trim().min(1).max(MOST_WORDS_CHARACTERS).nullable().catch(null).default(null);
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/)
  .transform((value) => new Date(value.includes("T") ? value : `${value}T00:00:00Z`))
  .refine((value) => Number.isFinite(value.getTime()))
  .nullable()
  .catch(null)
  .default(null);

const DAY_MS = 86_400_000;
const SCHEMA = z.object({
  q: text,
  actor: field,
  person: field,
  action: field,
  class: z.enum(["read", "write", "admin", "change"]).nullable().catch(null).default(null),
  outcome: z.enum(["success", "failure", "denied"]).nullable().catch(null).default(null),
  resource: field,
  account: field,
  cluster: field,
  namespace: field,
  source: field,
  address: field,
  mfa: z.enum(["yes", "no"]).nullable().catch(null).default(null),
  /** Change windows, as writeWindows has them. */
  outside: z
    .string()
    .max(1_000)
    .refine((value) => parseWindows(value) !== null)
    .nullable()
    .catch(null)
    .default(null),
  from: instant,
  to: instant,
  /** The instant that the frame is read as of: what happened later is left out. */
  asOf: instant,
  before: z
    .string()
    .regex(/^[\d:.TZ-]+,\d+$/)
    .nullable()
    .catch(null)
    .default(null),
  saved: z.coerce.number().int().positive().nullable().catch(null).default(null),
  event: z.coerce.number().int().nonnegative().nullable().catch(null).default(null),
});

/** What the page looks for, where in the list it stands, and which event is open. All of it is in the address. */
export type AuditState = z.output<typeof SCHEMA>;

type RawParams = Record<string, string | string[] | undefined>;

/** Whoever asks for what happened from a day to the same day means that day. */
export function parseAuditParams(raw: RawParams): AuditState {
  const state = SCHEMA.parse(raw);
  const isOneDay = state.from !== null && state.from.getTime() === state.to?.getTime() && isMidnight(state.from);
  return isOneDay ? { ...state, to: new Date(Number(state.from) + DAY_MS) } : state;
}

/** What the address asks for and cannot be understood: to leave a filter out would show what it was to keep away. */
export function misunderstoodIn(raw: RawParams): { name: string; value: string }[] {
  const state = SCHEMA.parse(raw);
  return (Object.keys(state) as (keyof AuditState)[]).flatMap((name) => {
    const value = [raw[name] ?? ""].flat().join(", ");
    return value.trim() !== "" && state[name] === null ? [{ name, value }] : [];
  });
}

/** Whether the range is of whole days, as those are written that people choose; another one stands as a filter. */
export function isOfDays({ from, to }: Pick<AuditState, "from" | "to">): boolean {
  return [from, to].every((at) => at === null || isMidnight(at));
}

function isMidnight(at: Date): boolean {
  return at.getTime() % DAY_MS === 0;
}

/** The filters that stand as chips, with the words for them. */
export const AUDIT_CHIPS = [
  ["actor", "Who"],
  ["person", "Person"],
  ["action", "Did"],
  ["class", "Kind"],
  ["outcome", "Outcome"],
  ["resource", "To what"],
  ["account", "Account"],
  ["cluster", "Cluster"],
  ["namespace", "Namespace"],
  ["source", "Source"],
  ["address", "From"],
  ["mfa", "Second factor"],
  ["outside", "By people, outside of"],
] as const;

export function auditHref(state: AuditState, changes: Partial<AuditState> = {}): string {
  const search = new URLSearchParams();
  // Whoever narrows the list starts at its beginning again.
  const isOpening = Object.keys(changes).every((key) => key === "event" || key === "before");
  for (const [key, value] of Object.entries({
    ...state,
    ...(isOpening ? {} : { before: null, event: null, saved: null }),
    ...changes,
  }))
    if (value !== null) search.set(key, value instanceof Date ? value.toISOString() : String(value));
  return search.size === 0 ? "/audit" : `/audit?${search.toString()}`;
}

export function queryOf(state: AuditState): TrailQuery {
  const { q, actor, person, action, outcome, resource, namespace, from, to } = state;
  const at = { accountId: state.account, clusterKey: state.cluster, namespace };
  const where = { ...at, sourceKey: state.source, sourceAddress: state.address };
  const outside = state.outside === null ? null : parseWindows(state.outside);
  const what = { actor, person, action, verbClass: state.class, outcome, resource, mfa: state.mfa };
  const until = to !== null && (state.asOf === null || to < state.asOf) ? to : state.asOf;
  return { text: q, ...what, ...where, outside, from, to: until };
}

/** The page of a search that somebody keeps. */
export function savedHref({ id, search }: { id: number; search: TrailSearch }): string {
  const {
    text: q,
    verbClass,
    accountId,
    clusterKey,
    sourceKey,
    sourceAddress: address = null,
    from,
    to,
    mfa = null,
    outside = null,
    ...fields
  } = search;
  const where = { account: accountId, cluster: clusterKey, source: sourceKey, address };
  const when = { from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) };
  return auditHref({ ...NOTHING, ...fields, ...where, ...when, mfa, outside, q, class: verbClass, saved: id });
}

export function placeOf({ before }: AuditState): TrailPlace | null {
  const [at, seq] = before?.split(",") ?? [];
  return at === undefined || !Number.isFinite(Date.parse(at)) ? null : { at, seq: Number(seq) };
}

/** Of the part of the page that shows the event, where whoever opens it is led to. */
export const EVENT_ID = "event";

/** A search without any filter. */
export const NOTHING = SCHEMA.parse({});

const SIGN_IN = "signin.amazonaws.com:ConsoleLogin";
/** Whatever ends, or narrows, what is recorded. */
const RECORDING_ENDED = [
  "cloudtrail.amazonaws.com:StopLogging",
  "cloudtrail.amazonaws.com:DeleteTrail",
  "cloudtrail.amazonaws.com:DeleteEventDataStore",
  "cloudtrail.amazonaws.com:PutEventSelectors",
  "config.amazonaws.com:StopConfigurationRecorder",
  "config.amazonaws.com:DeleteConfigurationRecorder",
  "config.amazonaws.com:DeleteDeliveryChannel",
  "logs.amazonaws.com:DeleteLogGroup",
  "logs.amazonaws.com:DeleteLogStream",
  "ec2.amazonaws.com:DeleteFlowLogs",
].join("|");

/** What people ask of a trail again and again. @param windows when changes are expected; null = nobody has said so. */
export function readyQuestions(windows: string | null, asOf: Date | null): { label: string; href: string }[] {
  const ask = (label: string, search: Partial<AuditState>) => ({
    label,
    href: auditHref({ ...NOTHING, asOf, ...search }),
  });
  return [
    ask("Namespaces deleted", { action: "delete namespaces" }),
    ask("Namespaces created", { action: "create namespaces" }),
    ask("Use of root", { q: ":root" }),
    ask("Use of break-glass", { q: "break glass" }),
    ask("Permissions and trails changed", { class: "admin" }),
    ask("Console sign-ins without MFA", { action: SIGN_IN, mfa: "no", outcome: "success" }),
    ask("Logs or Config deleted or stopped", { action: RECORDING_ENDED }),
    ...(windows === null ? [] : [ask("Changes outside of change windows", { class: "change", outside: windows })]),
    ask("Refused", { outcome: "denied" }),
    ask("Console sign-ins", { action: SIGN_IN }),
    ask("Done in Bursar", { source: "bursar" }),
  ];
}

/** A filter's value in words. */
export function chipText(key: (typeof AUDIT_CHIPS)[number][0], value: string): string {
  if (key === "outside") return value.replaceAll("mon,tue,wed,thu,fri", "mon–fri");
  return key === "action" || key === "person" ? alternativesOf(value).join(" or ") : value;
}
