import { CronExpressionParser } from "cron-parser";

const DAY_MS = 86_400_000;

/** A leap day comes every eighth year at most; a schedule that names no day in that time never runs. */
const MOST_DAYS = 8 * 366 + 1;

/** How long a descriptor stands for, in days, as Kubernetes' scheduler reads them. */
const DESCRIPTOR_DAYS: Readonly<Record<string, number>> = {
  "@yearly": 366,
  "@annually": 366,
  "@monthly": 31,
  "@weekly": 7,
  "@daily": 1,
  "@midnight": 1,
  "@hourly": 1,
};

/**
 * The longest time in days, rounded up, that a cron job may rest between two runs: 1 for anything that runs daily or more often.
 * Null where the schedule cannot be read, or never comes.
 *
 * Only the days matter here, so that hours, minutes and time zones are left out. Like Kubernetes, a schedule that restricts both days
 * of the month and of the week runs where either fits.
 *
 * @param schedule five fields, or a descriptor such as "@monthly" or "@every 36h".
 * @param at instant from which on the days are looked through.
 */
export function longestRestDays(schedule: string, at: Date): number | null {
  const text = schedule.trim().replace(/^(?:CRON_)?TZ=\S+\s+/, "");
  const every = /^@every\s+(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (every) {
    const [hours, minutes, seconds] = every.slice(1).map((part) => Number(part ?? 0));
    return Math.max(1, Math.ceil((hours ?? 0) / 24 + (minutes ?? 0) / 1440 + (seconds ?? 0) / 86_400));
  }
  const descriptor = Object.hasOwn(DESCRIPTOR_DAYS, text) ? DESCRIPTOR_DAYS[text] : undefined;
  if (descriptor !== undefined) return descriptor;
  const runsOn = readDays(text);
  if (runsOn === null) return null;
  return runsOn === EVERY_DAY ? 1 : longestGap(runsOn, at);
}

const EVERY_DAY = () => true;

function longestGap(runsOn: (day: Date) => boolean, at: Date): number | null {
  let longest = 0;
  let last: number | null = null;
  for (let ahead = 0; ahead < MOST_DAYS; ahead += 1) {
    if (!runsOn(new Date(at.getTime() + ahead * DAY_MS))) continue;
    if (last !== null) longest = Math.max(longest, ahead - last);
    last = ahead;
  }
  if (last === null) return null;
  return longest === 0 ? MOST_DAYS : longest;
}

/** Null where the schedule is none. */
function readDays(schedule: string): ((day: Date) => boolean) | null {
  const texts = schedule.split(/\s+/);
  if (texts.length !== 5) return null;
  const [, , daysOfMonth = "", , daysOfWeek = ""] = texts;
  // The parser reads the clock unless it is given an instant.
  const fields = tryParse(schedule);
  if (fields === null) return null;
  const monthDays = new Set<unknown>(fields.dayOfMonth.values);
  const weekDays = new Set<unknown>(fields.dayOfWeek.values);
  const months = new Set<unknown>(fields.month.values);
  const isEveryDay = texts.slice(2).every((text) => text === "*" || text === "?");
  if (isEveryDay) return EVERY_DAY;
  const isStar = (text: string) => text.startsWith("*") || text.startsWith("?");
  return (day) => {
    if (!months.has(day.getUTCMonth() + 1)) return false;
    const fitsMonth = monthDays.has(day.getUTCDate());
    const fitsWeek = weekDays.has(day.getUTCDay());
    return isStar(daysOfMonth) || isStar(daysOfWeek) ? fitsMonth && fitsWeek : fitsMonth || fitsWeek;
  };
}

function tryParse(schedule: string) {
  try {
    return CronExpressionParser.parse(schedule, { currentDate: new Date(0), tz: "UTC" }).fields;
  } catch {
    // What is no schedule has no interval; the caller treats it as one that may be long.
    return null;
  }
}
