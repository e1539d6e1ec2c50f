import { readBlocks, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedCells, grainOf, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { Numbers } from "#lib/db/posture/read-numbers.ts";
import { dayOf, type Day } from "#lib/domain/period.ts";

/** What changed on one UTC day. */
export type DayNumbers = Omit<Numbers, "ruleId" | "key"> & { day: Day };

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
  const starts = new Map<string, Omit<DayNumbers, "day">>();
  const days = new Map<string, Map<number, Omit<DayNumbers, "day">>>();
  let isFirst = true;
  for await (const blocks of readBlocks(numbers, { grain: grainOf(question), ruleIds: question.ruleIds }, span)) {
    for (const { at, cell: place, cells, pass, fail, unknown, notApplicable } of blocks)
      for (let index = 0; index < at.length; index += 1) {
        const [cell, instant] = [cells[place[index] ?? 0], at[index] ?? Infinity];
        if (!cell || instant > to) break;
        // The sum at the beginning is that of the month that holds it.
        if (instant <= from ? !isFirst : instant === -Infinity) continue;
        if (!isAsked(cell)) continue;
        const sum =
          instant <= from
            ? ofKey(starts, keyOf(cell))
            : ofKey(daysOf(days, keyOf(cell)), Math.floor(instant / DAY_MICROS));
        sum.pass += pass[index] ?? 0;
        sum.fail += fail[index] ?? 0;
        sum.unknown += unknown[index] ?? 0;
        sum.notApplicable += notApplicable[index] ?? 0;
      }
    isFirst = false;
  }
  return new Map(
    [...new Set([...starts.keys(), ...days.keys()])].map((key) => {
      const own = [...(days.get(key) ?? [])].toSorted(([one], [other]) => one - other);
      return [
        key,
        {
          start: starts.get(key) ?? nothing(),
          days: own.map(([day, sum]) => ({ day: dayOf(new Date(day * DAY_MS)), ...sum })),
        },
      ];
    }),
  );
}

const DAY_MS = 86_400_000;
const DAY_MICROS = DAY_MS * 1000;

function daysOf<T>(days: Map<string, Map<number, T>>, key: string): Map<number, T> {
  let own = days.get(key);
  if (!own) days.set(key, (own = new Map<number, T>()));
  return own;
}

function ofKey<K>(sums: Map<K, Omit<DayNumbers, "day">>, key: K): Omit<DayNumbers, "day"> {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = nothing()));
  return sum;
}

function nothing(): Omit<DayNumbers, "day"> {
  return { pass: 0, fail: 0, unknown: 0, notApplicable: 0 };
}
