import type { BillMethod, ReadingColumns } from "#lib/domain/cluster-bill/cluster-hour.ts";

/** What was noticed about a row's readings; bits, so that those of several rows and resources add up. */
export const GAP = {
  none: 0,
  /** Its use was not observed; what it requested counts. */
  countedByRequests: 1,
  /** What it requested is not known; its use counts. */
  countedByUse: 2,
  /** Nothing is known of it; what is left of the node is unobserved rather than idle. */
  unobserved: 4,
} as const;

/** Less of a core, GiB or GPU than this is none, and more is an error of whoever measured it: as good as not observed. */
const LEAST_AMOUNT = 1e-9;
const MOST_AMOUNT = 1e12;

/**
 * How much of a resource a row stands for; NaN where nothing that the method asks for was observed.
 *
 * - "opencost": the average of the larger of request and usage over the samples; where only averages are known, the larger of them.
 *   https://www.opencost.io/docs/specification ("workload costs ... max(request, usage)")
 * - "aws-split-cost": the larger of what was reserved and used over the hour.
 *   https://docs.aws.amazon.com/cur/latest/userguide/example-split-cost-allocation-data.html, step 2
 * - "requests": what was reserved.
 *
 * Where one of the two was not observed the other one counts, except that use says nothing about requests.
 */
export function amountOfRow(readings: ReadingColumns, row: number, method: BillMethod): number {
  const amount = readRow(readings, row, method);
  if (amount < LEAST_AMOUNT) return 0;
  return amount > MOST_AMOUNT ? Number.NaN : amount;
}

function readRow(readings: ReadingColumns, row: number, method: BillMethod): number {
  const requested = readings.requested[row] ?? Number.NaN;
  if (method === "requests") return requested;
  const larger = readings.larger[row] ?? Number.NaN;
  if (method === "opencost" && !Number.isNaN(larger)) return larger;
  const used = readings.used[row] ?? Number.NaN;
  if (Number.isNaN(used)) return requested;
  return requested > used ? requested : used;
}

/** Which of the GAP bits a row earns for a resource that the node has. `amount` is what amountOfRow says. */
export function gapOfRow(readings: ReadingColumns, row: number, method: BillMethod, amount: number): number {
  if (Number.isNaN(amount)) return GAP.unobserved;
  if (method === "requests" || (method === "opencost" && !Number.isNaN(readings.larger[row] ?? Number.NaN)))
    return GAP.none;
  if (Number.isNaN(readings.used[row] ?? Number.NaN)) return GAP.countedByRequests;
  return Number.isNaN(readings.requested[row] ?? Number.NaN) ? GAP.countedByUse : GAP.none;
}
