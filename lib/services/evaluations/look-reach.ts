import { CronExpressionParser } from "cron-parser";

/** When sources of evaluations are looked at, by their kind, in UTC. A source's own `schedule` takes the place of its kind's. */
export const EVALUATION_SCHEDULES = {
  // AWS Config evaluates by itself, most rules when something changes and some once a day; each look asks for every rule of every account.
  "aws-config": "40 */6 * * *",
  // Scanners deliver once a day; reading their files again costs nothing.
  findings: "20 * * * *",
  baseline: "25 * * * *",
  "terraform-plan": "35 * * * *",
} as const;

/** A look speaks for so many of the source's intervals: one that is missed makes no gap yet. */
const INTERVALS = 2;
/** Firings that are looked at: the longest interval of a schedule counts, such as that over a weekend. */
const FIRINGS = 50;

/**
 * How long a look at a source speaks, in milliseconds: two of its longest intervals.
 *
 * @param schedule a cron expression in UTC.
 */
export function lookReachMs(schedule: string, now: Date): number {
  const expression = CronExpressionParser.parse(schedule, { currentDate: now, tz: "UTC" });
  let longest = 0;
  let before = expression.next().getTime();
  for (let firing = 0; firing < FIRINGS; firing += 1) {
    const at = expression.next().getTime();
    longest = Math.max(longest, at - before);
    before = at;
  }
  return INTERVALS * longest;
}

/**
 * The last time that a source was due by its schedule. What was read since needs not be read again: a worker that starts anew asks nobody
 * for what is known.
 */
export function lastDue(schedule: string, at: Date): Date {
  const afterwards = new Date(at.getTime() + 1);
  return CronExpressionParser.parse(schedule, { currentDate: afterwards, tz: "UTC" }).prev().toDate();
}
