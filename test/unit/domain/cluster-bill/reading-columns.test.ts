import { expect, test } from "vitest";
import { averageSamples, columnsOfUses } from "#lib/domain/cluster-bill/reading-columns.ts";

test("the average of the larger is more than the larger of the averages where use swings", () => {
  const samples = [
    { requested: 1, used: 0.5 },
    { requested: 1, used: 1.5 },
  ];
  expect(averageSamples(samples)).toEqual({ requested: 1, used: 1, larger: 1.25 });
});

test("a sample that is missing is left out, and one of nothing counts", () => {
  const samples = [
    { requested: 2, used: null },
    { requested: null, used: 4 },
    { requested: 0, used: 0 },
    { requested: 4, used: 2 },
  ];
  expect(averageSamples(samples)).toEqual({ requested: 2, used: 2, larger: 2 });
  expect(averageSamples([])).toEqual({ requested: null, used: null, larger: null });
});

test("what was not observed is no number in the columns", () => {
  const { node, readings } = columnsOfUses([{ namespace: 0, node: null, cpuCores: { requested: 1, used: null } }]);
  expect([node[0], readings.cpuCores.requested[0], readings.cpuCores.used[0]]).toEqual([-1, 1, Number.NaN]);
  expect(readings.gpus.requested[0]).toBeNaN();
});
