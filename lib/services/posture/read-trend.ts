import type { SqlExecutor } from "#lib/db/activity.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { readCourse, readPartCourses, type Course, type NumbersQuestion } from "#lib/db/posture/read-numbers.ts";
import type { Waived } from "#lib/db/posture/read-waived.ts";
import { addDays, dayOf, startOf, type Day } from "#lib/domain/period.ts";
import { addGap, addVerdicts, addWaived, noCounts } from "#lib/services/posture/counts.ts";
import type { PostureCounts, PostureTrendPoint } from "#lib/services/posture/posture-view.ts";
import { isOpen, waivedNow } from "#lib/services/posture/read-counts.ts";

/** The day on which a trend of so many days up to an instant begins. */
export function trendStart(at: Date, trendDays: number): Day {
  return addDays(dayOf(at), 1 - Math.max(1, trendDays));
}

/** The numbers at the end of each day, at the instant itself for the last. */
export async function readTrend(
  sql: SqlExecutor,
  question: NumbersQuestion,
  { at, trendDays, gaps, waived }: { at: Date; trendDays: number; gaps: readonly PartGap[]; waived: readonly Waived[] },
): Promise<PostureTrendPoint[]> {
  if (trendDays === 0) return [];
  const first = trendStart(at, trendDays);
  const span = { from: new Date(startOf(first).getTime() - 1), to: at };
  const whole = { ...question, by: null };
  const [course, ofParts] = await Promise.all([
    readCourse(sql, whole, span),
    gaps.length === 0 ? new Map<string, Course>() : readPartCourses(sql, { ...whole, parts: gaps }, span),
  ]);
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
    addWaived(counts, waivedNow(waived, question, { at: end, gaps }).length);
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
