import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { efficiencyOfAll, judgeEfficiency, type ResourceUse } from "#lib/domain/efficiency/judge-efficiency.ts";
import { decimal } from "#lib/domain/money.ts";

/** Ten days of one value, with other values in the last hours. */
const hours = (value: number | null, ...last: (number | null)[]) => [
  ...Array.from({ length: 240 }, () => value),
  ...last,
];

const cpu = (use: Partial<ResourceUse>) =>
  judgeEfficiency({ cpuCores: { requested: 2, used: hours(0.5), cost: "70", ...use } }).resources[0]!;

describe("CPU", () => {
  test("that is requested and not used can be lowered, with a reason and what it saves", () => {
    // The target is 0.5 × 1.2 = 0.6; 70 × (2 - 0.6) / 2 = 49.
    expect(cpu({})).toEqual({
      resource: "cpuCores",
      requested: 2,
      used: 0.5,
      efficiency: 0.25,
      target: 0.6,
      advice: "lower",
      saving: "49",
      reason:
        "2 cores are requested; 95 % of the hours stayed at or below 0.5 cores, and with 20 % headroom, 0.6 cores are enough: the rare peak above it is only slower.",
    });
  });

  test("is sized by the 95th percentile, not by a rare peak", () => {
    expect(cpu({ used: hours(0.5, ...hours(1.9).slice(0, 12)) }).target).toBe(0.6);
    expect(cpu({ used: hours(0.5, ...hours(1.9).slice(0, 14)) }).target).toBe(2.28);
  });

  test("that is used beyond its request should be raised and saves nothing", () => {
    expect(cpu({ used: hours(3) })).toMatchObject({ advice: "raise", target: 3.6, saving: "0", efficiency: 1.5 });
    expect(cpu({ requested: 0, used: hours(1) })).toMatchObject({ advice: "raise", efficiency: null, saving: "0" });
  });

  test("within a tenth of its target is left alone", () => {
    expect(cpu({ used: hours(1.6) })).toMatchObject({ advice: "keep", target: 1.92, saving: "0" });
  });
});

test("memory is sized by the highest hour", () => {
  const [memory] = judgeEfficiency({ memoryGib: { requested: 8, used: hours(1, 4), cost: "8" } }).resources;
  // 4 × 1.2 = 4.8, rounded up to a thirty-second: 4.8125.
  expect(memory).toMatchObject({ target: 4.8125, advice: "lower", saving: "3.1875" });
});

test("GPUs are sized whole, and none is a size", () => {
  const gpus = (use: number) => judgeEfficiency({ gpus: { requested: 4, used: hours(use), cost: "400" } }).resources[0];
  expect(gpus(1.2)).toMatchObject({ target: 2, saving: "200" });
  expect(gpus(0)).toMatchObject({ target: 0, saving: "400" });
});

test("too little observation gives no advice, but the efficiency that was seen", () => {
  expect(cpu({ used: hours(0.5).slice(0, 167) })).toMatchObject({ advice: "unknown", saving: null, efficiency: 0.25 });
  expect(cpu({ used: hours(0.5, ...hours(null)) })).toMatchObject({ advice: "unknown", efficiency: 0.25 });
  expect(cpu({ used: [] })).toMatchObject({ advice: "unknown", used: null, efficiency: null });
  expect(cpu({ requested: null })).toMatchObject({
    advice: "unknown",
    efficiency: null,
    reason: "The request is not known.",
  });
});

test("without a cost the advice stands and the saving is unknown; a credit saves nothing", () => {
  expect(cpu({ cost: null })).toMatchObject({ advice: "lower", saving: null });
  expect(cpu({ cost: "-3" }).saving).toBe("0");
  expect(judgeEfficiency({}).saving).toBeNull();
});

test("several namespaces together weigh by what they request", () => {
  const uses = [
    { requested: 1, used: 1 },
    { requested: 3, used: 0.2 },
    { requested: null, used: 5 },
    { requested: 5, used: null },
  ];
  expect(efficiencyOfAll(uses)).toBe(0.3);
  expect(efficiencyOfAll([{ requested: 0, used: 1 }])).toBeNull();
});

test("a saving is between zero and the cost, and only lowering saves", () => {
  const quantity = fc.double({ min: 0, max: 1000, noNaN: true });
  fc.assert(
    fc.property(quantity, fc.array(quantity, { minLength: 168, maxLength: 200 }), (requested, used) => {
      const { advice, saving, target } = cpu({ requested, used });
      expect(decimal(saving!).isNegative() || decimal(saving!).greaterThan(70)).toBe(false);
      expect(decimal(saving!).isZero() || advice === "lower").toBe(true);
      expect(advice === "lower" && target! >= requested).toBe(false);
    }),
  );
});
