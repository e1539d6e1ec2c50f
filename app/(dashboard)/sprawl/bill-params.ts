import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { BILL_BASES } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { addDays, dayOf, type DayRange } from "#lib/domain/period.ts";
import { rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";
import type { RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import type { BillState } from "#app/(dashboard)/sprawl/bill-state.ts";

/** Lists sum over as many days; where no bill is split yet, the last ones are asked for. */
const COST_DAYS = 30;

const one = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value : value.at(-1)));

const SCHEMA = z.object({
  period: one
    .pipe(z.string().regex(/^\d{4}(-\d{2}|-Q[1-4])?$|^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/))
    .nullable()
    .catch(null)
    .default(null),
  basis: one.pipe(z.enum(BILL_BASES)).catch("effective"),
  uid: one.pipe(z.string().min(1).max(200)).optional().catch(undefined),
  row: one
    .pipe(z.string().regex(/^\d{1,7}$/))
    .transform(Number)
    .catch(0),
  asOf: one
    .pipe(z.iso.datetime({ offset: true }))
    .nullable()
    .catch(null)
    .default(null),
});

/** Reads what a page of a cluster, a namespace or a team is asked for. What cannot be read falls back to its default. */
export function parseBillState(raw: RawParams): BillState & { uid: string | undefined; offset: number } {
  const { period, basis, asOf, uid, row } = SCHEMA.parse(raw);
  return { period, basis, asOf, uid, offset: row };
}

/** The days that are asked for. @param listed the days that lists sum over. @throws AppError "invalid_input". */
export function billRange({ period }: BillState, listed: DayRange | null, now: Date): DayRange {
  if (period !== null) return rangeOfPeriod(period);
  return listed ?? { from: addDays(dayOf(now), -COST_DAYS), to: dayOf(now) };
}

export function periodText({ from, to }: DayRange): string {
  return `${from}..${to}`;
}

/** A part of a path as it was meant. @throws AppError "not_found" where it cannot be read. */
export function pathPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    throw new AppError("not_found", `There is nothing called "${text}".`, { cause: thrown });
  }
}
