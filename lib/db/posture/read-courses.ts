import { rowsByCell } from "#lib/db/posture/sheet-index.ts";
import type { NumberSheet } from "#lib/db/posture/number-sheet.ts";
import { readSheets, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedCells, askedPlaces, grainOf, keySlots, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import { firstAfter, type Numbers } from "#lib/db/posture/read-numbers.ts";

/** The numbers at an instant in one sum, and by how much they changed on each UTC day from that instant's on. */
export type Course = {
  start: Numbers;
  /** Four for each day: pass, fail, unknown, not applicable. */
  days: Int32Array;
};

/** How many numbers a day has in a course. */
export const DAY_WIDTH = 4;

/** The course of everything that is asked for, after `from` and up to `to`. */
export async function readCourse(
  numbers: NumberStore,
  question: NumbersQuestion,
  span: { from: Date; to: Date },
): Promise<Course> {
  const course = newCourse(span);
  const [from, to] = [span.from.getTime() * 1000, span.to.getTime() * 1000];
  let isFirst = true;
  for await (const sheet of readSheets(numbers, { grain: grainOf(question), ruleIds: question.ruleIds }, span)) {
    const slots = keySlots(sheet, { ...question, by: null });
    const end = firstAfter(sheet.at, to);
    // The sum at the beginning is that of the month that holds it.
    for (let row = isFirst ? 0 : firstAfter(sheet.at, from); row < end; row += 1)
      if ((slots[sheet.cell[row] ?? 0] ?? -1) >= 0) addRow(course, sheet, row, from);
    isFirst = false;
  }
  return course;
}

/** The course of each part that is asked for, by "source part". */
export async function readPartCourses(
  numbers: NumberStore,
  question: NumbersQuestion & { parts: NonNullable<NumbersQuestion["parts"]> },
  span: { from: Date; to: Date },
): Promise<Map<string, Course>> {
  const courses = new Map<string, Course>();
  const [from, to] = [span.from.getTime() * 1000, span.to.getTime() * 1000];
  const [isAsked, placesOf] = [askedCells(question), askedPlaces(question)];
  let isFirst = true;
  for await (const sheet of readSheets(numbers, { grain: grainOf(question), ruleIds: question.ruleIds }, span)) {
    const { starts, rows } = rowsByCell(sheet);
    for (const place of placesOf(sheet)) {
      const cell = sheet.cells[place];
      if (!cell || !isAsked(cell)) continue;
      let course = courses.get(cell.partKey);
      if (!course) courses.set(cell.partKey, (course = newCourse(span)));
      for (let index = starts[place] ?? 0; index < (starts[place + 1] ?? 0); index += 1) {
        const row = rows[index] ?? 0;
        const instant = sheet.at[row] ?? Infinity;
        if (instant > to) break;
        if (isFirst || instant > from) addRow(course, sheet, row, from);
      }
    }
    isFirst = false;
  }
  return courses;
}

const DAY_MICROS = 86_400_000_000;

function newCourse({ from, to }: { from: Date; to: Date }): Course {
  const days = Math.max(0, dayNumber(to.getTime() * 1000) - dayNumber(from.getTime() * 1000) + 1);
  return {
    start: { pass: 0, fail: 0, unknown: 0, notApplicable: 0 },
    days: new Int32Array(days * DAY_WIDTH),
  };
}

function dayNumber(micros: number): number {
  return Math.floor(micros / DAY_MICROS);
}

/** Adds a row of a sheet: to the start where it is not after `from`, in microseconds since 1970, otherwise to its day. */
function addRow({ start, days }: Course, sheet: NumberSheet, row: number, from: number): void {
  const [pass, fail] = [sheet.pass[row] ?? 0, sheet.fail[row] ?? 0];
  const [unknown, notApplicable] = [sheet.unknown[row] ?? 0, sheet.notApplicable[row] ?? 0];
  const instant = sheet.at[row] ?? Infinity;
  if (instant <= from) {
    start.pass += pass;
    start.fail += fail;
    start.unknown += unknown;
    start.notApplicable += notApplicable;
    return;
  }
  const place = (dayNumber(instant) - dayNumber(from)) * DAY_WIDTH;
  days[place] = (days[place] ?? 0) + pass;
  days[place + 1] = (days[place + 1] ?? 0) + fail;
  days[place + 2] = (days[place + 2] ?? 0) + unknown;
  days[place + 3] = (days[place + 3] ?? 0) + notApplicable;
}
