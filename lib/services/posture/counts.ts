import type { PostureCounts } from "#lib/services/posture/posture-view.ts";

/** Evaluations by verdict, where waived ones are among those that fail. */
type Verdicts = { pass: number; fail: number; unknown: number; notApplicable: number };

export function noCounts(): PostureCounts {
  return { pass: 0, fail: 0, waived: 0, unknown: 0, notApplicable: 0, notEvaluated: 0 };
}

/** What is known, before any of it is taken for waived or for not evaluated. */
export function countsOf({ pass, fail, unknown, notApplicable }: Verdicts): PostureCounts {
  return { pass, fail, waived: 0, unknown, notApplicable, notEvaluated: 0 };
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

export function addCounts(counts: PostureCounts, other: PostureCounts): void {
  counts.pass += other.pass;
  counts.fail += other.fail;
  counts.waived += other.waived;
  counts.unknown += other.unknown;
  counts.notApplicable += other.notApplicable;
  counts.notEvaluated += other.notEvaluated;
}
