import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedCells, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { isCoverOf, readCovered, type Cover, type CoveredCell, type Waived } from "#lib/db/posture/read-waived.ts";

/** How many failures of a cell are waived at an instant. */
export type WaivedCount = { ruleId: number; cell: PostureCell; count: number };

/** Answers for instants of `(from, to]`, asked in the order of time. */
export type WaivedCounter = (at: Date) => WaivedCount[];

/** The accepted risks of a stretch of time, and the failures of the cells that they cover whole. */
export type WaivedCells = Waived & { covered: readonly CoveredCell[] };

export async function readWaivedCells(
  numbers: NumberStore,
  question: NumbersQuestion,
  { waived, from, to }: { waived: Waived; from: Date; to: Date },
): Promise<WaivedCells> {
  return { ...waived, covered: await readCovered(numbers, question, { covers: waived.covers, from, to }) };
}

/**
 * Counts the waived failures that a question is about and that are not in a gap, at instants of their stretch of time. A failure that several
 * waivers are about counts once.
 */
export function waivedCounter(
  question: NumbersQuestion,
  { waived, gaps }: { waived: WaivedCells; gaps: readonly PartGap[] },
): WaivedCounter {
  const isAsked = askedCells(question);
  const byRule = Map.groupBy(waived.covers, ({ ruleId }) => ruleId);
  const byPart = Map.groupBy(gaps, ({ sourceKey, part }) => `${sourceKey} ${part}`);
  // A trend asks for each of its days, and what covers or hides a cell is the same on all of them but for the time.
  const spansOf = (ruleId: number, cell: PostureCell) => ({
    covers: (byRule.get(ruleId) ?? NONE).filter((cover) => isCoverOf(cover, cell)),
    gaps: byPart.get(cell.partKey) ?? [],
  });
  const running = waived.covered.map((covered) => ({
    ...covered,
    ...spansOf(covered.ruleId, covered.cell),
    sum: covered.start,
    next: 0,
  }));
  const failures = waived.failures
    .filter(({ cell }) => isAsked(cell))
    .map((failure) => ({ ...failure, ...spansOf(failure.ruleId, failure.cell) }));
  return (at) => {
    const micros = at.getTime() * 1000;
    const counts: WaivedCount[] = [];
    for (const one of running) {
      for (let change = one.changes[one.next]; change && change.at <= micros; change = one.changes[one.next]) {
        one.sum += change.fail;
        one.next += 1;
      }
      if (one.sum !== 0 && !isAnyOpen(one.gaps, at) && isAnyOpen(one.covers, at))
        counts.push({ ruleId: one.ruleId, cell: one.cell, count: one.sum });
    }
    for (const failure of failures)
      if (isOpen(failure, at) && !isAnyOpen(failure.gaps, at) && !isAnyOpen(failure.covers, at))
        counts.push({ ruleId: failure.ruleId, cell: failure.cell, count: 1 });
    return counts;
  };
}

const NONE: readonly Cover[] = [];

type Span = { from: Date; to: Date | null };

function isAnyOpen(spans: readonly Span[], at: Date): boolean {
  for (const span of spans) if (isOpen(span, at)) return true;
  return false;
}

export function isOpen({ from, to }: Span, at: Date): boolean {
  const instant = at.getTime();
  return from.getTime() <= instant && (to === null || to.getTime() > instant);
}
