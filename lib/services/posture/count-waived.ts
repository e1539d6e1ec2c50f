import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedCells, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { isCovered, readCovered, type Cover, type CoveredCell, type Waived } from "#lib/db/posture/read-waived.ts";

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
  const failures = waived.failures.filter(({ cell }) => isAsked(cell));
  const running = waived.covered.map(({ ruleId, cell, start, changes }) => ({
    ruleId,
    cell,
    sum: start,
    next: 0,
    changes,
  }));
  return (at) => {
    const hidden = new Set(gaps.filter((gap) => isOpen(gap, at)).map(({ sourceKey, part }) => `${sourceKey} ${part}`));
    const covers = Map.groupBy(
      waived.covers.filter((cover) => isOpen(cover, at)),
      ({ ruleId }) => ruleId,
    );
    const isWhole = (ruleId: number, cell: PostureCell) => isCovered(covers.get(ruleId) ?? NONE, cell);
    const counts: WaivedCount[] = [];
    for (const one of running) {
      for (
        let change = one.changes[one.next];
        change && change.at <= at.getTime() * 1000;
        change = one.changes[one.next]
      ) {
        one.sum += change.fail;
        one.next += 1;
      }
      if (one.sum !== 0 && !hidden.has(one.cell.partKey) && isWhole(one.ruleId, one.cell))
        counts.push({ ruleId: one.ruleId, cell: one.cell, count: one.sum });
    }
    for (const failure of failures)
      if (isOpen(failure, at) && !hidden.has(failure.cell.partKey) && !isWhole(failure.ruleId, failure.cell))
        counts.push({ ruleId: failure.ruleId, cell: failure.cell, count: 1 });
    return counts;
  };
}

const NONE: readonly Cover[] = [];

export function isOpen({ from, to }: { from: Date; to: Date | null }, at: Date): boolean {
  return from <= at && (to === null || to > at);
}
