/** When changes are expected: on these days, from one time of the day to another, by the clocks of a place. */
export type ChangeWindow = {
  days: readonly Weekday[];
  /** "07:00". */
  from: string;
  /** "19:00"; not after `from` = on the next day. "24:00" = the day's end. */
  to: string;
  /** "Europe/Berlin". */
  timeZone: string;
};

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A part of one day by local clocks: `day` as ISO 8601 counts, Monday is 1; minutes of the day, half-open. */
export type WindowPart = { day: number; fromMinute: number; toMinute: number; timeZone: string };

const DAY_MINUTES = 24 * 60;
export const CLOCK_TIME = /^(?:([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const WRITTEN = /^([a-z,]+) (\d{2}:\d{2})-(\d{2}:\d{2}) (\S+)$/;

/** "mon,tue 07:00-19:00 Europe/Berlin; sat 08:00-12:00 Europe/Berlin": so a search has them, which means the same for ever. */
export function writeWindows(windows: readonly ChangeWindow[]): string {
  return windows.map(({ days, from, to, timeZone }) => `${days.join(",")} ${from}-${to} ${timeZone}`).join("; ");
}

/** What `writeWindows` wrote; null for any other text. */
export function parseWindows(text: string): ChangeWindow[] | null {
  const windows: ChangeWindow[] = [];
  for (const part of text.split(";")) {
    const [, names = "", from = "", to = "", timeZone = ""] = WRITTEN.exec(part.trim()) ?? [];
    const days = names.split(",").flatMap((name) => WEEKDAYS.find((day) => day === name) ?? []);
    const isTime = CLOCK_TIME.test(from) && CLOCK_TIME.test(to);
    if (days.length === 0 || days.length !== names.split(",").length || !isTime || !isTimeZone(timeZone)) return null;
    windows.push({ days, from, to, timeZone });
  }
  return windows;
}

/** The windows as parts of single days: one that goes over midnight is two. */
export function partsOf(windows: readonly ChangeWindow[]): WindowPart[] {
  return windows.flatMap(({ days, from, to, timeZone }) =>
    days.flatMap((name) => {
      const day = WEEKDAYS.indexOf(name) + 1;
      const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
      if (toMinute > fromMinute) return [{ day, fromMinute, toMinute, timeZone }];
      const evening = { day, fromMinute, toMinute: DAY_MINUTES, timeZone };
      const morning = { day: (day % 7) + 1, fromMinute: 0, toMinute, timeZone };
      return toMinute === 0 ? [evening] : [evening, morning];
    }),
  );
}

/** Whether an instant is in one of the windows, by the clocks of each. */
export function isInWindows(windows: readonly ChangeWindow[], at: Date): boolean {
  return partsOf(windows).some(({ day, fromMinute, toMinute, timeZone }) => {
    const local = Object.fromEntries(
      new Intl.DateTimeFormat("en-GB", {
        timeZone,
        weekday: "short",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
      })
        .formatToParts(at)
        .map(({ type, value }) => [type, value]),
    );
    const minute = Number(local["hour"]) * 60 + Number(local["minute"]);
    return local["weekday"]?.toLowerCase() === WEEKDAYS[day - 1] && minute >= fromMinute && minute < toMinute;
  });
}

/** Whether the name is one of the IANA's. */
export function isTimeZone(name: string): boolean {
  try {
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
