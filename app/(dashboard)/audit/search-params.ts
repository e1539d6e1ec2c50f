import { z } from "zod";
import type { TrailSearch } from "#lib/services/trail/trail-search.ts";
import type { TrailPlace, TrailQuery } from "#lib/services/trail/trail-view.ts";

const text = z.string().trim().min(1).max(500).nullable().catch(null).default(null);
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/)
  .transform((value) => new Date(value.includes("T") ? value : `${value}T00:00:00Z`))
  .refine((value) => Number.isFinite(value.getTime()))
  .nullable()
  .catch(null)
  .default(null);

const SCHEMA = z.object({
  q: text,
  actor: text,
  person: text,
  action: text,
  class: z.enum(["read", "write", "admin"]).nullable().catch(null).default(null),
  outcome: z.enum(["success", "failure", "denied"]).nullable().catch(null).default(null),
  resource: text,
  account: text,
  cluster: text,
  namespace: text,
  source: text,
  from: instant,
  to: instant,
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

export function parseAuditParams(raw: Record<string, string | string[] | undefined>): AuditState {
  return SCHEMA.parse(raw);
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
  const where = { accountId: state.account, clusterKey: state.cluster, namespace, sourceKey: state.source };
  return { text: q, actor, person, action, verbClass: state.class, outcome, resource, ...where, from, to };
}

/** The page of a search that somebody keeps. */
export function savedHref({ id, search }: { id: number; search: TrailSearch }): string {
  const { text: q, verbClass, accountId, clusterKey, sourceKey, from, to, ...fields } = search;
  const where = { account: accountId, cluster: clusterKey, source: sourceKey };
  const when = { from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) };
  return auditHref({ ...NOTHING, ...fields, ...where, ...when, q, class: verbClass, saved: id });
}

export function placeOf({ before }: AuditState): TrailPlace | null {
  const [at, seq] = before?.split(",") ?? [];
  return at === undefined || !Number.isFinite(Date.parse(at)) ? null : { at, seq: Number(seq) };
}

/** A search without any filter. */
export const NOTHING = SCHEMA.parse({});

/** What people ask of a trail again and again. */
export const READY_QUESTIONS: readonly { label: string; href: string }[] = [
  { label: "Namespaces deleted", href: auditHref({ ...NOTHING, action: "delete namespaces" }) },
  { label: "Namespaces created", href: auditHref({ ...NOTHING, action: "create namespaces" }) },
  { label: "Use of root", href: auditHref({ ...NOTHING, q: ":root" }) },
  { label: "Use of break-glass", href: auditHref({ ...NOTHING, q: "break glass" }) },
  { label: "Permissions and trails changed", href: auditHref({ ...NOTHING, class: "admin" }) },
  { label: "Trails stopped", href: auditHref({ ...NOTHING, action: "cloudtrail.amazonaws.com:StopLogging" }) },
  { label: "Trails deleted", href: auditHref({ ...NOTHING, action: "cloudtrail.amazonaws.com:DeleteTrail" }) },
  {
    label: "Config stopped",
    href: auditHref({ ...NOTHING, action: "config.amazonaws.com:StopConfigurationRecorder" }),
  },
  {
    label: "Config deleted",
    href: auditHref({ ...NOTHING, action: "config.amazonaws.com:DeleteConfigurationRecorder" }),
  },
  { label: "Log groups deleted", href: auditHref({ ...NOTHING, action: "logs.amazonaws.com:DeleteLogGroup" }) },
  { label: "Refused", href: auditHref({ ...NOTHING, outcome: "denied" }) },
  { label: "Console sign-ins", href: auditHref({ ...NOTHING, action: "signin.amazonaws.com:ConsoleLogin" }) },
  { label: "Done in Bursar", href: auditHref({ ...NOTHING, source: "bursar" }) },
];
