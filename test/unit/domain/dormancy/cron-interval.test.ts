import { expect, test } from "vitest";
import { longestRestDays } from "#lib/domain/dormancy/cron-interval.ts";

const AT = new Date("2026-06-30T00:00:00Z");

test.each([
  ["*/5 * * * *", 1],
  ["0 3 * * *", 1],
  ["0 3 * * 1-5", 3],
  ["0 3 * * MON", 7],
  ["0 3 * * 7", 7],
  ["0 3 */10 * *", 10],
  ["0 0 1 * *", 31],
  ["0 0 31 * *", 61],
  ["0 0 ? 1,7 *", 154],
  ["0 0 1 1 *", 366],
  ["0 0 29 2 *", 1461],
  ["0 0 1 * 5", 7],
  ["@monthly", 31],
  ["@hourly", 1],
  ["@every 36h", 2],
  ["@every 1h30m", 1],
  ["TZ=Europe/Berlin 0 3 * * 1", 7],
])("%s rests for %i days at most", (schedule, days) => {
  expect(longestRestDays(schedule, AT)).toBe(days);
});

test.each(["", "at dawn", "0 0 31 2 *", "0 0 0 1 * *", "61 * * * *", "@reboot"])("%o has no interval", (schedule) => {
  expect(longestRestDays(schedule, AT)).toBeNull();
});
