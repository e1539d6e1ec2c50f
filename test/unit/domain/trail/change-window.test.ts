import { expect, test } from "vitest";
import { parseWindows, partsOf, writeWindows } from "#lib/domain/trail/change-window.ts";

test("change windows are written and read back", () => {
  const windows = [
    { days: ["mon", "fri"] as const, from: "07:00", to: "19:00", timeZone: "Europe/Berlin" },
    { days: ["sun"] as const, from: "22:00", to: "02:00", timeZone: "UTC" },
  ];
  expect(writeWindows(windows)).toBe("mon,fri 07:00-19:00 Europe/Berlin; sun 22:00-02:00 UTC");
  expect(parseWindows(writeWindows(windows))).toEqual(windows);
});

test.each([
  "",
  "mon",
  "mon 7:00-19:00 UTC",
  "monday 07:00-19:00 UTC",
  "mon 07:00-25:00 UTC",
  "mon 07:00-19:00 Atlantis/Poseidonis",
  "mon 07:00-19:00 UTC'; DROP TABLE event",
])("%j is no change window", (text) => {
  expect(parseWindows(text)).toBeNull();
});

test("a window that goes over midnight belongs to two days, Sunday's to Monday", () => {
  const parts = (text: string) =>
    partsOf(parseWindows(text) ?? []).map(({ day, fromMinute, toMinute }) => [day, fromMinute, toMinute]);
  expect(parts("sun 22:00-02:00 UTC")).toEqual([
    [7, 1_320, 1_440],
    [1, 0, 120],
  ]);
  expect(parts("sat 20:00-00:00 UTC")).toEqual([[6, 1_200, 1_440]]);
  expect(parts("sat 00:00-24:00 UTC")).toEqual([[6, 0, 1_440]]);
});
