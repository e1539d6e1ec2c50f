import { rowsByCell } from "#lib/db/posture/block-index.ts";
import { readBlocks, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedCells, askedPlaces, grainOf, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { Numbers } from "#lib/db/posture/read-numbers.ts";
import { dayOf, type Day } from "#lib/domain/period.ts";

/** What changed on one UTC day. */
export type DayNumbers = Numbers & { day: Day };

/** The numbers at an instant in one sum, and what changed on each UTC day after it, in the order of days. */
export type Course = { start: Omit<DayNumbers, "day">; days: DayNumbers[] };

/** The course of everything that is asked for, after `from` and up to `to`. */
export async function readCourse(
  numbers: NumberStore,
  question: NumbersQuestion,
  span: { from: Date; to: Date },
): Promise<Course> {
  const courses = await readCourses(numbers, question, span, () => "");
  return courses.get("") ?? { start: nothing(), days: [] };
}

/** The course of each part that is asked for, by "source part". */
export function readPartCourses(
  numbers: NumberStore,
  question: NumbersQuestion & { parts: NonNullable<NumbersQuestion["parts"]> },
  span: { from: Date; to: Date },
): Promise<Map<string, Course>> {
  return readCourses(numbers, question, span, ({ partKey }) => partKey);
}

async function readCourses(
  numbers: NumberStore,
  question: NumbersQuestion,
  span: { from: Date; to: Date },
  keyOf: (cell: PostureCell) => string,
): Promise<Map<string, Course>> {
  const [from, to] = [span.from.getTime() * 1000, span.to.getTime() * 1000];
  const isAsked = askedCells(question);
  const sums = new Map<string, Sums>();
  let isFirst = true;
  for await (const blocks of readBlocks(numbers, { grain: grainOf(question), ruleIds: question.ruleIds }, span)) {
    for (const block of blocks) {
      const { at, cells, pass, fail, unknown, notApplicable } = block;
      const rows = rowsByCell(block);
      for (const place of askedPlaces(block, question)) {
        const cell = cells[place];
        if (!cell || !isAsked(cell)) continue;
        const own = ofKey(sums, keyOf(cell), newSums);
        for (const row of rows[place] ?? []) {
          const instant = at[row] ?? Infinity;
          if (instant > to) break;
          // The sum at the beginning is that of the month that holds it.
          if (instant <= from && !isFirst) continue;
          const sum = instant <= from ? own.start : ofKey(own.days, Math.floor(instant / DAY_MICROS), nothing);
          sum.pass += pass[row] ?? 0;
          sum.fail += fail[row] ?? 0;
          sum.unknown += unknown[row] ?? 0;
          sum.notApplicable += notApplicable[row] ?? 0;
        }
      }
    }
    isFirst = false;
  }
  return new Map(
    [...sums].map(([key, { start, days }]) => {
      const own = [...days].toSorted(([one], [other]) => one - other);
      return [key, { start, days: own.map(([day, sum]) => ({ day: dayOf(new Date(day * DAY_MS)), ...sum })) }];
    }),
  );
}

type Sums = { start: Omit<DayNumbers, "day">; days: Map<number, Omit<DayNumbers, "day">> };

function newSums(): Sums {
  return { start: nothing(), days: new Map() };
}

const DAY_MS = 86_400_000;
const DAY_MICROS = DAY_MS * 1000;

function ofKey<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function nothing(): Omit<DayNumbers, "day"> {
  return { pass: 0, fail: 0, unknown: 0, notApplicable: 0 };
}
