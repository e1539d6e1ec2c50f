import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import type { NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import { DAY_WIDTH, readCourse, readPartCourses, type Course } from "#lib/db/posture/read-courses.ts";
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
  const hiding = gaps.flatMap(({ sourceKey, part, from, to }) => {
    const hidden = runs.get(`${sourceKey} ${part}`);
    return hidden ? [{ from, to, hidden }] : [];
  });
  const sums = runningSums(course);
  const firstMs = startOf(first).getTime();
  return Array.from({ length: trendDays }, (_, index) => {
    const startMs = firstMs + index * DAY_MS;
    const end = new Date(Math.min(at.getTime(), startMs + DAY_MS - 1));
    const counts = noCounts();
    // The courses begin with the day before the first, of which all is in their start.
    addVerdicts(counts, sums(index + 1));
    for (const gap of hiding) if (isOpen(gap, end)) addGap(counts, gap.hidden(index + 1));
    for (const { count } of waivedAt(end)) addWaived(counts, count);
    return { day: dayOf(new Date(startMs)), counts };
  });
}

const DAY_MS = 86_400_000;

/** The sums up to the end of a day of a course, by its number from 0, for days that are asked for in order. */
function runningSums({ start, days }: Course): (day: number) => PostureCounts {
  const sum = noCounts();
  addVerdicts(sum, start);
  let next = 0;
  return (day) => {
    for (; next <= day; next += 1) {
      const place = next * DAY_WIDTH;
      sum.pass += days[place] ?? 0;
      sum.fail += days[place + 1] ?? 0;
      sum.unknown += days[place + 2] ?? 0;
      sum.notApplicable += days[place + 3] ?? 0;
    }
    return sum;
  };
}
