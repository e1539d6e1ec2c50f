import { addDays, day, type BillingPeriod } from "#lib/domain/period.ts";
import { formatDay, formatPeriod } from "#lib/domain/format.ts";

/** The period of the URL in words: "Mar 2026", "Q1 2026", "2026", "5 Mar 2026 – 11 Mar 2026". The last day is the last one counted. */
export function periodWords(period: string): string {
  if (period.includes("..")) {
    const [from = "", to = ""] = period.split("..");
    return `${formatDay(day(from))} – ${formatDay(addDays(day(to), -1))}`;
  }
  if (period.includes("Q")) return `${period.slice(5)} ${period.slice(0, 4)}`;
  return /^\d{4}$/.test(period) ? period : formatPeriod(period as BillingPeriod);
}
