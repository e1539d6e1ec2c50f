import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import type { NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import { readCourse, readPartCourses, type Course } from "#lib/db/posture/read-courses.ts";
import { addDays, dayOf, startOf, type Day } from "#lib/domain/period.ts";
import { isOpen, waivedCounter, type WaivedCells } from "#lib/services/posture/count-waived.ts";
import { addGap, addVerdicts, addWaived, noCounts } from "#lib/services/posture/counts.ts";
import type { PostureCounts, PostureTrendPoint } from "#lib/services/posture/posture-view.ts";

/** The day on which a trend of so many days up to an instant begins. */
export function trendStart(at: Date, trendDays: number): Day {
  return addDays(dayOf(at), 1 - Math.max(1, trendDays));
}

/** The numbers at the end of each day, at the instant itself for the last. */
export async function readTrend(
  numbers: NumberStore,
  question: NumbersQuestion,
  { at, trendDays, gaps, waived }: { at: Date; trendDays: number; gaps: readonly PartGap[]; waived: WaivedCells },
): Promise<PostureTrendPoint[]> {
  if (trendDays === 0) return [];
  const first = trendStart(at, trendDays);
  const span = { from: new Date(startOf(first).getTime() - 1), to: at };
  const whole = { ...question, by: null };
  const [course, ofParts] = await Promise.all([
    readCourse(numbers, whole, span),
    gaps.length === 0 ? new Map<string, Course>() : readPartCourses(numbers, { ...whole, parts: gaps }, span),
  ]);
  const waivedAt = waivedCounter(question, { waived, gaps });
  const runs = new Map([...ofParts].map(([part, own]) => [part, runningSums(own)]));
  const sums = runningSums(course);
  return Array.from({ length: trendDays }, (_, index) => {
    const day = addDays(first, index);
    const end = new Date(Math.min(at.getTime(), startOf(addDays(day, 1)).getTime() - 1));
    const counts = noCounts();
    addVerdicts(counts, sums(day));
    for (const gap of gaps.filter((one) => isOpen(one, end))) {
      const hidden = runs.get(`${gap.sourceKey} ${gap.part}`);
      if (hidden) addGap(counts, hidden(day));
    }
    for (const { count } of waivedAt(end)) addWaived(counts, count);
    return { day, counts };
  });
}

/** The sums up to the end of a day, for days that are asked for in order. */
function runningSums({ start, days }: Course): (day: Day) => PostureCounts {
  const sum = noCounts();
  addVerdicts(sum, start);
  let next = 0;
  return (day) => {
    for (let change = days[next]; change && change.day <= day; change = days[(next += 1)]) addVerdicts(sum, change);
    return sum;
  };
}
