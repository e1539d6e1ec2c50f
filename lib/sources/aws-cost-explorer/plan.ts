import { addMonths, day, dayOf, periodOf, type BillingPeriod, type Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { CostExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

export type CostExplorerPlanOptions = {
  signal: AbortSignal;
  /** When the plan was due, from the job. */
  logicalTime: Date;
  /** What is published, by period. */
  published: ReadonlyMap<string, { fingerprint: string }>;
};

/**
 * The months that the source offers; nothing is asked for it. AWS restates a month until it is closed, so what was read on a
 * day D is read again until D lies in the month after next: the month of D and the one before it are open, the others final.
 */
export async function planCostExplorer(
  spec: CostExplorerSpec,
  { signal, logicalTime, published }: CostExplorerPlanOptions,
): Promise<OfferedSlice[]> {
  signal.throwIfAborted();
  const today = dayOf(logicalTime);
  const current = periodOf(today);
  return Array.from({ length: spec.months }, (_, index) => {
    const period = addMonths(current, index - spec.months + 1);
    const before = published.get(period)?.fingerprint ?? "";
    const isKept = isFinal(before, period, today) && before === fingerprintOf(spec, readDay(before) ?? today);
    return { period, fingerprint: isKept ? before : fingerprintOf(spec, today), files: [] };
  });
}

/** The day on which a slice is read, or was. @throws AppError "bad_data" where the fingerprint does not say. */
export function dayOfReading(slice: OfferedSlice): Day {
  const found = readDay(slice.fingerprint);
  if (found === null)
    throw new AppError("bad_data", `Cost Explorer is not asked for ${slice.period}.`, {
      remedy: "Ask for one of the months that the source offers; its setting months says how many.",
    });
  return found;
}

/** The day, and the settings that change what is read: a source that is set up differently is read again. */
function fingerprintOf({ refineBy, net }: CostExplorerSpec, today: Day): string {
  const settings = [...(refineBy === undefined ? [] : [`by ${refineBy}`]), ...(net === "auto" ? [] : [`net ${net}`])];
  return ["read", today, ...settings].join(" ");
}

function readDay(fingerprint: string): Day | null {
  const found = /^read (?<day>\d{4}-\d{2}-\d{2})(?: |$)/.exec(fingerprint)?.groups?.["day"];
  return found === undefined ? null : day(found);
}

function isFinal(fingerprint: string, period: BillingPeriod, today: Day): boolean {
  const read = readDay(fingerprint);
  return read !== null && (read >= today || period < addMonths(periodOf(read), -1));
}
