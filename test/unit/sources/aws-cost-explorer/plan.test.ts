import { expect, test } from "vitest";
import { billingPeriod, eachPeriod } from "#lib/domain/period.ts";
import { costExplorerSpec, planCostExplorer } from "#lib/sources/aws-cost-explorer/index.ts";

const signal = new AbortController().signal;

function spec(settings: object = {}) {
  return costExplorerSpec.parse({ kind: "aws-cost-explorer", ...settings });
}

async function plan(today: string, published: Record<string, string>, settings: object = {}) {
  const slices = await planCostExplorer(spec(settings), {
    signal,
    logicalTime: new Date(`${today}T05:00:00Z`),
    published: new Map(Object.entries(published).map(([period, fingerprint]) => [period, { fingerprint }])),
  });
  return new Map(slices.map(({ period, fingerprint }) => [period, fingerprint]));
}

test("a first plan offers thirteen months, the current one last", async () => {
  const offered = await plan("2026-11-21", {});
  const periods = [...offered.keys()];
  expect(periods).toHaveLength(13);
  expect(periods).toEqual(eachPeriod(billingPeriod("2025-11"), billingPeriod("2026-11")));
  expect(new Set(offered.values())).toEqual(new Set(["read 2026-11-21"]));
});

test("open periods are read again from the first day of the month before the last reading, older ones are final", async () => {
  const before = "read 2026-11-20";
  const published = { "2026-08": before, "2026-09": before, "2026-10": before, "2026-11": before };
  const offered = await plan("2026-11-21", published);
  expect(offered.get("2026-09")).toBe(before);
  expect(offered.get("2026-10")).toBe("read 2026-11-21");
  expect(offered.get("2026-11")).toBe("read 2026-11-21");
});

test("after weeks without a reading the months that were open then are read once more", async () => {
  const offered = await plan("2027-01-09", { "2026-09": "read 2026-11-20", "2026-10": "read 2026-11-20" });
  expect(offered.get("2026-09")).toBe("read 2026-11-20");
  expect(offered.get("2026-10")).toBe("read 2027-01-09");
});

test("what was read today is not read again, nor by a late plan of an earlier day", async () => {
  const offered = await plan("2026-11-21", { "2026-11": "read 2026-11-21", "2026-10": "read 2026-11-22" });
  expect(offered.get("2026-11")).toBe("read 2026-11-21");
  expect(offered.get("2026-10")).toBe("read 2026-11-22");
});

test("a source that is set up differently reads its final months again", async () => {
  const offered = await plan("2026-11-21", { "2026-05": "read 2026-11-20" }, { refineBy: "region" });
  expect(offered.get("2026-05")).toBe("read 2026-11-21 by region");
  const again = await plan("2026-11-22", { "2026-05": "read 2026-11-21 by region" }, { refineBy: "region" });
  expect(again.get("2026-05")).toBe("read 2026-11-21 by region");
});
