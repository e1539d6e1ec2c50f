import { WIDTH } from "#lib/db/posture/read-numbers.ts";
import type { PostureCounts } from "#lib/services/posture/posture-view.ts";

/**
 * Where each count stands in a list of the counts of many places, WIDTH a place: as numbers are read, and then what is waived and what is
 * not evaluated. Thousands of cells are added up for each posture, and an object for each would cost more than all else.
 */
export const COUNT = { pass: 0, fail: 1, unknown: 2, notApplicable: 3, waived: 4, notEvaluated: 5 } as const;

/** The counts at a place of a list; null where there is nothing. */
export function countsAt(list: Int32Array, place: number): PostureCounts | null {
  if (!hasCounts(list, place)) return null;
  const own = place * WIDTH;
  return {
    pass: list[own + COUNT.pass] ?? 0,
    fail: list[own + COUNT.fail] ?? 0,
    waived: list[own + COUNT.waived] ?? 0,
    unknown: list[own + COUNT.unknown] ?? 0,
    notApplicable: list[own + COUNT.notApplicable] ?? 0,
    notEvaluated: list[own + COUNT.notEvaluated] ?? 0,
  };
}

export function hasCounts(list: Int32Array, place: number): boolean {
  const end = Math.min((place + 1) * WIDTH, list.length);
  for (let index = place * WIDTH; index < end; index += 1) if (list[index] !== 0) return true;
  return false;
}

/** Adds the counts at a place of one list to those at a place of another. */
export function addPlace(list: Int32Array, place: number, other: Int32Array, otherPlace: number): void {
  const own = place * WIDTH;
  const others = otherPlace * WIDTH;
  for (let index = 0; index < WIDTH; index += 1)
    list[own + index] = (list[own + index] ?? 0) + (other[others + index] ?? 0);
}

/** Evaluations by verdict, where waived ones are among those that fail. */
type Verdicts = { pass: number; fail: number; unknown: number; notApplicable: number };

export function noCounts(): PostureCounts {
  return { pass: 0, fail: 0, waived: 0, unknown: 0, notApplicable: 0, notEvaluated: 0 };
}

export function addCounts(counts: PostureCounts, other: PostureCounts): void {
  addVerdicts(counts, other);
  counts.waived += other.waived;
  counts.notEvaluated += other.notEvaluated;
}

/** Adds, or with -1 takes away, what is known. */
export function addVerdicts(counts: PostureCounts, verdicts: Verdicts, sign: 1 | -1 = 1): void {
  counts.pass += sign * verdicts.pass;
  counts.fail += sign * verdicts.fail;
  counts.unknown += sign * verdicts.unknown;
  counts.notApplicable += sign * verdicts.notApplicable;
}

/** Takes the last known verdicts of a part that nobody looked at in time for what they are: not evaluated. */
export function addGap(counts: PostureCounts, verdicts: Verdicts): void {
  addVerdicts(counts, verdicts, -1);
  counts.notEvaluated += verdicts.pass + verdicts.fail + verdicts.unknown + verdicts.notApplicable;
}

/** Of those that fail, so many are accepted. */
export function addWaived(counts: PostureCounts, waived: number): void {
  counts.fail -= waived;
  counts.waived += waived;
}
