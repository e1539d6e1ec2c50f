import { describe, expect, it } from "vitest";
import { bucketAt, drawPanel, stackedAt, timeMarks, type Panel } from "#lib/charts/time-panels.ts";

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2026, 9, 1);

function panel(kind: Panel["kind"], ...series: (string | null)[][]): Panel {
  return {
    title: "Cost",
    unit: "EUR",
    kind,
    starts: (series[0] ?? []).map((_, index) => FROM + index * DAY_MS),
    bucketMs: DAY_MS,
    series: series.map((values, index) => ({ key: String(index), label: String(index), values, colour: "red" })),
  };
}

describe("drawPanel", () => {
  it("stacks layers: the second begins where the first ends, and the axis holds their sum", () => {
    const { paths, ticks } = drawPanel(panel("bars", ["6"], ["4"]), FROM, FROM + DAY_MS);
    expect(ticks.at(-1)).toEqual({ label: "10", top: 0 });
    expect(paths).toEqual(["M80 100H920V40H80Z", "M80 40H920V0H80Z"]);
  });

  it("draws a credit below zero, not on top of the others", () => {
    const { paths } = drawPanel(panel("bars", ["6"], ["-6"]), FROM, FROM + DAY_MS);
    const [bottomOfCost, bottomOfCredit] = paths.map((path) => /^M80 ([\d.]+)/.exec(path)?.[1]);
    expect(bottomOfCost).toBe(bottomOfCredit);
    expect(paths[1]).toMatch(/V80H80Z$/);
  });

  it("leaves a gap in a line where nothing was observed, and begins anew after it", () => {
    const { paths } = drawPanel(panel("lines", ["1", null, "1"]), FROM, FROM + 3 * DAY_MS);
    expect(paths[0]?.match(/M/g)).toHaveLength(2);
    expect(paths[0]).toBe("M0 0H333.33M666.67 0H1000");
  });

  it("places a panel that covers less than the shared time where its time is", () => {
    const { paths } = drawPanel(panel("lines", ["1"]), FROM - DAY_MS, FROM + DAY_MS);
    expect(paths[0]).toBe("M500 0H1000");
  });

  it("draws an axis where everything is zero or unknown", () => {
    expect(drawPanel(panel("lines", [null]), FROM, FROM + DAY_MS).ticks.map(({ label }) => label)).toEqual(["0", "1"]);
  });
});

describe("bucketAt", () => {
  it("finds the bucket that an instant falls into, half-open", () => {
    const two = panel("lines", ["1", "2"]);
    expect(bucketAt(two, FROM)).toBe(0);
    expect(bucketAt(two, FROM + DAY_MS - 1)).toBe(0);
    expect(bucketAt(two, FROM + DAY_MS)).toBe(1);
    expect(bucketAt(two, FROM + 2 * DAY_MS)).toBeNull();
    expect(bucketAt(two, FROM - 1)).toBeNull();
  });
});

describe("stackedAt", () => {
  it("sums what is known, and is unknown where nothing is", () => {
    const two = panel("bars", ["0.1", null, "1"], ["0.2", null, null]);
    expect([0, 1, 2].map((index) => stackedAt(two, index))).toEqual(["0.3", null, "1"]);
  });
});

describe("timeMarks", () => {
  it("marks days of a month, the first at its left edge", () => {
    const marks = timeMarks(FROM, FROM + 30 * DAY_MS);
    expect(marks[0]).toEqual({ label: "1 Oct", left: 0 });
    expect(marks.map(({ label }) => label)).toEqual(["1 Oct", "6 Oct", "11 Oct", "16 Oct", "21 Oct", "26 Oct"]);
  });

  it("marks starts of months over a year, all of them within the drawing", () => {
    const marks = timeMarks(FROM, FROM + 396 * DAY_MS);
    expect(marks.map(({ label }) => label)[0]).toBe("Nov 2026");
    expect(marks.length).toBeLessThanOrEqual(7);
    expect(marks.every(({ left }) => left >= 0 && left < 100)).toBe(true);
  });
});
