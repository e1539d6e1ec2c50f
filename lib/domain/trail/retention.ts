import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** What a duration of keeping is given for. What somebody signed in with comes first, then Bursar's own log, then what an action can do. */
export const KEEP_CLASSES = ["read", "write", "admin", "sign-in", "bursar"] as const;
export type KeepClass = (typeof KEEP_CLASSES)[number];

/** Of entries of Bursar's own log that say what was dropped, held or pseudonymised: they are the proof of it, and stay. */
export const PROOF_CLASS = "proof";

/** How long records are kept. */
export type Keep = { count: number; unit: "days" | "months" | "years" };
/** Classes that have no duration are kept for ever. */
export type Retention = Partial<Record<KeepClass, Keep>>;

const KEEP = /^(\d{1,4}) (day|month|year)s?$/;
/** Trails deliver up to 90 days late, and whoever looks for a mistake needs weeks. */
const SHORTEST_DAYS = 30;
const DAY_MS = 86_400_000;
const [DAYS_OF_A_MONTH, DAYS_OF_A_YEAR] = [28, 365];
/** "1 month", of February. */
export const SHORTEST_KEEP_MS = DAYS_OF_A_MONTH * DAY_MS;

/** "13 months", "90 days", "7 years"; null where the text is none, or less than 30 days. */
export function parseKeep(text: string): Keep | null {
  const [, digits, unit] = KEEP.exec(text) ?? [];
  if (digits === undefined) return null;
  const keep: Keep = {
    count: Number(digits),
    unit: unit === "day" ? "days" : unit === "month" ? "months" : "years",
  };
  const days = keep.count * (keep.unit === "days" ? 1 : keep.unit === "months" ? DAYS_OF_A_MONTH : DAYS_OF_A_YEAR);
  return days < SHORTEST_DAYS && !(keep.unit === "months" && keep.count === 1) ? null : keep;
}

export function keepWords({ count, unit }: Keep): string {
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;
}

/** Midnight UTC before which events have been kept for long enough. Months that have no such day end on their last. */
export function cutoffOf({ count, unit }: Keep, now: Date): Date {
  const day = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  if (unit === "days") return new Date(day - count * DAY_MS);
  const at = new Date(day);
  const months = at.getUTCFullYear() * 12 + at.getUTCMonth() - count * (unit === "years" ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), months % 12];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(at.getUTCDate(), lastDay)));
}

/**
 * The class of an event. The database's function event_keep_class says the same, by which events are found; a test holds both to each other.
 */
export function keepClassOf({
  sourceKey,
  action,
  verbClass,
}: Pick<TrailEvent, "sourceKey" | "action" | "verbClass">): KeepClass | typeof PROOF_CLASS {
  if (sourceKey === "bursar" && /^(retention|hold|pseudonym)\./.test(action)) return PROOF_CLASS;
  const isSignIn = sourceKey === "bursar" ? action.startsWith("session.") : SIGN_IN.test(action);
  if (isSignIn) return "sign-in";
  return sourceKey === "bursar" ? "bursar" : verbClass;
}

const SIGN_IN = /^(signin\.amazonaws\.com:|sso\.amazonaws\.com:(Authenticate|Federate)$)/;

/** The term under which the events of a class are counted by day. It is counted, not indexed. */
export function keepTerm(keepClass: KeepClass | typeof PROOF_CLASS): string {
  return `keep=${keepClass}`;
}
