import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { billClusterHour, type ClusterBill } from "#lib/domain/cluster-bill/bill-cluster-hour.ts";
import { billUnits } from "#lib/domain/cluster-bill/bill-units.ts";
import { billRoom } from "#lib/domain/cluster-bill/bill-work.ts";
import { BILL_BASES, type BillBasis, type BillSettings } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { amountToUnits, bigintUnits, doubleUnits } from "#lib/domain/cluster-bill/units.ts";
import { addAmounts, decimal } from "#lib/domain/money.ts";
import { costsOf, hour, hourArbitrary, node, reading, SETTINGS, settingsArbitrary } from "./fixtures.ts";

const settings = (more: Partial<BillSettings>): BillSettings => ({ ...SETTINGS, ...more });

/** Direct, idle and shared of each namespace, effective. */
function table(bill: ClusterBill): Record<string, string[]> {
  return Object.fromEntries(
    bill.namespaces.map((line) => [
      line.namespace,
      [line.direct, line.idle, line.shared].map((part) => part.effective),
    ]),
  );
}

function allParts(bill: ClusterBill, basis: BillBasis): string[] {
  const lines = bill.namespaces.flatMap(({ direct, idle, shared }) => [direct, idle, shared]);
  return [...lines, bill.idle, bill.overhead, bill.unobserved].map((part) => part[basis]);
}

describe("AWS split cost allocation", () => {
  // AWS's published example: one m5.xlarge at 1 USD, pods 1 and 3 in namespace 1, pods 2 and 4 in namespace 2.
  const example = hour(
    ["namespace 1", "namespace 2"],
    [node("1", [4, 16, 0])],
    [
      { namespace: 0, node: 0, cpuCores: reading(1, 0.1), memoryGib: reading(4, 3) },
      { namespace: 1, node: 0, cpuCores: reading(1, 1.9), memoryGib: reading(4, 6) },
      { namespace: 0, node: 0, cpuCores: reading(1, 0.5), memoryGib: reading(2, 2) },
      { namespace: 1, node: 0, cpuCores: reading(1, 0.5), memoryGib: reading(2, 2) },
    ],
  );

  test.each(["node", "cluster"] as const)("gives AWS's published example at full precision, idle per %s", (idlePer) => {
    const bill = billClusterHour(example, settings({ method: "aws-split-cost", idle: "by-use", idlePer }));
    const totals = bill.namespaces.map(({ direct, idle }) => addAmounts([direct.effective, idle.effective]));
    expect(totals).toEqual(["0.414442700157", "0.585557299843"]);
    expect(bill.idle).toEqual({ billed: "0", effective: "0" });
    expect(bill.notes).toEqual([]);
  });

  test("an accelerator weighs nine times as much as a core and nine GB together", () => {
    // Weights 90:9:1 and sizes 1, 10 and 10: 90 + 90 + 10 = 190 units of 0.01.
    const accelerated = hour(
      ["training"],
      [node("1.9", [10, 10, 1])],
      [{ namespace: 0, node: 0, cpuCores: reading(0, 0), memoryGib: reading(0, 0), gpus: reading(1, 0) }],
    );
    const bill = billClusterHour(accelerated, settings({ method: "aws-split-cost" }));
    expect(table(bill)).toEqual({ training: ["0.9", "0", "0"] });
    expect(bill.idle.effective).toBe("1");
  });
});

describe("OpenCost", () => {
  // Node A costs 0.80 with 4 cores and 8 GiB at its own rates of 0.15 a core and 0.025 a GiB: 0.60 for CPU, 0.20 for memory.
  // Node B, spot, costs 0.20 with 2 cores and 4 GiB at the same proportions: 0.15 and 0.05.
  //
  // On A, claims requests 1 core and uses 0.5 in one sample and 1.5 in the other: larger 1 and 1.5, average 1.25 (the larger of
  // the averages would be 1). 1.25 / 4 × 0.60 = 0.1875. It requests 2 GiB, uses 1: 2 / 8 × 0.20 = 0.05. Together 0.2375.
  // On A, motor uses 1 core of 0.5 requested: 1 / 4 × 0.60 = 0.15, and 2 GiB: 2 / 8 × 0.20 = 0.05. Together 0.20.
  // On B, motor requests 1 core: 1 / 2 × 0.15 = 0.075, and no memory: 0.
  // Idle: A 0.80 - 0.2375 - 0.20 = 0.3625, of it CPU 0.60 - 0.3375 = 0.2625 and memory 0.10. B 0.20 - 0.075 = 0.125, of it CPU 0.075.
  const rates = { cpuCores: 0.15, memoryGib: 0.025, gpus: 1 };
  const example = hour(
    ["claims", "motor"],
    [node("0.8", [4, 8, 0], { node: "A", rates }), node("0.2", [2, 4, 0], { node: "B", capacityType: "spot", rates })],
    [
      { namespace: 0, node: 0, cpuCores: reading(1, 1, 1.25), memoryGib: reading(2, 1, 2) },
      { namespace: 1, node: 0, cpuCores: reading(0.5, 1, 1), memoryGib: reading(2, 2, 2) },
      { namespace: 1, node: 1, cpuCores: reading(1, 0, 1), memoryGib: reading(0, 0, 0) },
    ],
  );

  test("charges the average of the larger of request and usage, and keeps idle apart", () => {
    const bill = billClusterHour(example, settings({}));
    expect(table(bill)).toEqual({ claims: ["0.2375", "0", "0"], motor: ["0.275", "0", "0"] });
    expect(bill.idle.effective).toBe("0.4875");
    expect(bill.idleCarriedBy).toBe("nobody");
  });

  test("spreads idle by resource on each node", () => {
    // A's CPU 0.2625 by 0.1875 : 0.15, which is 5 : 4, so 0.145833333333 and 0.116666666667; A's memory 0.10 by 0.05 : 0.05.
    // B's CPU 0.075 goes to motor. Nobody used B's memory, so its 0.05 stay idle.
    const bill = billClusterHour(example, settings({ idle: "by-use" }));
    expect(table(bill)).toEqual({
      claims: ["0.2375", "0.195833333333", "0"],
      motor: ["0.275", "0.241666666667", "0"],
    });
    expect(bill.idle.effective).toBe("0.05");
  });

  test("spreads idle by resource over the cluster", () => {
    // CPU 0.2625 + 0.075 = 0.3375 by 0.1875 : 0.15 + 0.075, which is 5 : 6; memory 0.10 + 0.05 by 0.05 : 0.05.
    // claims: 0.3375 × 5/11 + 0.075 = 0.228409090909; motor: 0.3375 × 6/11 + 0.075 = 0.259090909091.
    const bill = billClusterHour(example, settings({ idle: "by-use", idlePer: "cluster" }));
    expect(table(bill)).toEqual({
      claims: ["0.2375", "0.228409090909", "0"],
      motor: ["0.275", "0.259090909091", "0"],
    });
  });

  test("the cost of what was requested does not depend on how much of it was used", () => {
    const bill = billClusterHour(example, settings({ method: "requests" }));
    // claims: 1/4 × 0.60 + 2/8 × 0.20; motor: 0.5/4 × 0.60 + 2/8 × 0.20 + 1/2 × 0.15.
    expect(table(bill)).toEqual({ claims: ["0.2", "0", "0"], motor: ["0.2", "0", "0"] });
  });
});

describe("shared namespaces", () => {
  // One node at 1 USD with 10 cores and nothing else; kube-system has 2 cores, claims 1, motor 3, so 4 are idle.
  const cores = (namespace: number, requested: number) => ({ namespace, node: 0, cpuCores: reading(requested, 0) });
  const example = hour(
    ["kube-system", "claims", "motor"],
    [node("1", [10, 0, 0])],
    [cores(0, 2), cores(1, 1), cores(2, 3)],
  );
  const shared = (how: BillSettings["shared"]["how"], more: Partial<BillSettings> = {}) =>
    billClusterHour(example, settings({ shared: { names: ["kube-system"], how }, ...more }));

  test("go to the others alike", () => {
    const bill = shared("even");
    expect(table(bill)).toEqual({
      "kube-system": ["0", "0", "0"],
      claims: ["0.1", "0", "0.1"],
      motor: ["0.3", "0", "0.1"],
    });
    expect(bill.namespaces[0]?.given).toEqual({ billed: "0.2", effective: "0.2" });
  });

  test("go to the others by what they use", () => {
    expect(table(shared("by-use"))).toMatchObject({ claims: ["0.1", "0", "0.05"], motor: ["0.3", "0", "0.15"] });
  });

  test("go to the others by fixed weights, and only to those that have one", () => {
    expect(table(shared({ weights: { claims: "4", life: "3" } }))).toMatchObject({
      claims: ["0.1", "0", "0.2"],
      motor: ["0.3", "0", "0"],
    });
  });

  test("keep their cost where nobody else can carry it", () => {
    expect(table(shared({ weights: { life: "1" } }))).toMatchObject({ "kube-system": ["0.2", "0", "0"] });
  });

  test("take their share of idle capacity with them", () => {
    // Idle 0.4 by 2 : 1 : 3; kube-system's 0.2 + 0.133333333333 is then split 1 : 3.
    expect(table(shared("by-use", { idle: "by-use" }))).toEqual({
      "kube-system": ["0", "0", "0"],
      claims: ["0.1", "0.066666666667", "0.083333333333"],
      motor: ["0.3", "0.2", "0.25"],
    });
  });
});

describe("gaps", () => {
  const bill = (...cpu: [number | null, number | null][]) =>
    billClusterHour(
      hour(
        ["claims", "motor"],
        [node("1", [10, 0, 0])],
        cpu.map(([requested, used], namespace) => ({ namespace, node: 0, cpuCores: reading(requested, used) })),
      ),
      SETTINGS,
    );

  test("in use are filled by what was requested, and it is said", () => {
    expect(table(bill([2, null], [1, 3]))).toEqual({ claims: ["0.2", "0", "0"], motor: ["0.3", "0", "0"] });
    expect(bill([2, null]).notes).toEqual([
      "Of some namespaces use was not observed, so that what was requested counts: claims.",
    ]);
  });

  test("in everything leave what is left of the node unobserved, not idle", () => {
    const gappy = bill([null, null], [1, 3]);
    expect(table(gappy)).toEqual({ claims: ["0", "0", "0"], motor: ["0.3", "0", "0"] });
    expect([gappy.idle.effective, gappy.unobserved.effective]).toEqual(["0", "0.7"]);
    expect(gappy.notes[0]).toContain("unobserved and not idle: claims.");
  });

  test("an hour without any observation is unobserved, and one in which nothing ran is idle", () => {
    const empty = (isObserved: boolean) =>
      billClusterHour(hour(["claims"], [node("1", [10, 4, 0])], [], { isObserved }), settings({ idle: "by-use" }));
    expect(empty(false).unobserved.effective).toBe("1");
    expect(empty(true).idle.effective).toBe("1");
  });

  test("a row without its node makes one of all nodes", () => {
    const nodes = [node("1", [10, 0, 0]), node("3", [10, 0, 0])];
    const merged = billClusterHour(
      hour(["claims"], nodes, [{ namespace: 0, node: null, cpuCores: reading(5, 1) }]),
      SETTINGS,
    );
    expect(table(merged)).toEqual({ claims: ["1", "0", "0"] });
    expect(merged.notes).toEqual([
      "It is not known which node every namespace ran on, so that the nodes were taken as one.",
    ]);
  });

  test("a node of unknown size is shared among those who asked for it", () => {
    const fargate = hour(
      ["claims"],
      [node("1", [null, null, null])],
      [{ namespace: 0, node: 0, cpuCores: reading(1, 0), memoryGib: reading(2, 0), gpus: reading(0, 0) }],
    );
    expect(table(billClusterHour(fargate, SETTINGS))).toEqual({ claims: ["1", "0", "0"] });
  });
});

test("what is asked for beyond the node shrinks in proportion", () => {
  const crowded = hour(
    ["claims", "motor"],
    [node("1", [4, 0, 0])],
    [3, 5].map((used, namespace) => ({ namespace, node: 0, cpuCores: reading(0, used) })),
  );
  const bill = billClusterHour(crowded, SETTINGS);
  expect(table(bill)).toEqual({ claims: ["0.375", "0", "0"], motor: ["0.625", "0", "0"] });
  expect(bill.idle.effective).toBe("0");
});

test("charges that are not a node's go to their namespace, or to overhead; credits lower them", () => {
  const cost = (billed: string, namespace: number | null) =>
    ({ kind: "volume", billed, effective: "0", namespace }) as const;
  const bill = billClusterHour(
    hour(["claims"], [], [], { others: [cost("2.5", 0), cost("-0.5", 0), cost("7", null)] }),
    SETTINGS,
  );
  expect(bill.namespaces[0]?.direct).toEqual({ billed: "2", effective: "0" });
  expect(bill.overhead).toEqual({ billed: "7", effective: "0" });
});

test("an amount with more than 12 decimals is refused", () => {
  expect(() => billClusterHour(hour([], [node("0.0000000000001", [1, 1, 0])], []), SETTINGS)).toThrow(RangeError);
});

describe("for any cluster, gaps, method, idle and shared", () => {
  const runs = { numRuns: 400 };

  test.each([{ credits: false }, { credits: true }, { isQuiet: true }])("the parts are the whole, %o", (kind) => {
    fc.assert(
      fc.property(hourArbitrary(kind), settingsArbitrary, (one, chosen) => {
        const bill = billClusterHour(one, chosen);
        for (const basis of BILL_BASES)
          expect(addAmounts(["0", ...allParts(bill, basis)])).toBe(addAmounts(["0", ...costsOf(one, basis)]));
      }),
      runs,
    );
  });

  test("no part is negative", () => {
    fc.assert(
      fc.property(hourArbitrary(), settingsArbitrary, (one, chosen) => {
        const bill = billClusterHour(one, chosen);
        for (const basis of BILL_BASES)
          expect(allParts(bill, basis).filter((part) => decimal(part).isNegative())).toEqual([]);
      }),
      runs,
    );
  });

  test("an hour in which nobody asked for or used anything is all idle, overhead or what belongs to a namespace", () => {
    fc.assert(
      fc.property(hourArbitrary({ isQuiet: true }), settingsArbitrary, (one, chosen) => {
        const bill = billClusterHour({ ...one, isObserved: true, others: [] }, chosen);
        expect(bill.idle.effective).toBe(addAmounts(["0", ...one.nodes.map((cost) => cost.effective)]));
      }),
      runs,
    );
  });

  test("integers in doubles give what integers of any size give", () => {
    const [doubles, bigints] = [doubleUnits(), bigintUnits()];
    // One room for all runs, as in clusterBiller: nothing may stay in it.
    const [doubleRoom, bigintRoom] = [billRoom(doubles), billRoom(bigints)];
    fc.assert(
      fc.property(hourArbitrary({ credits: true }), settingsArbitrary, (one, chosen) => {
        const units = [...one.nodes, ...one.others].flatMap((cost) =>
          BILL_BASES.map((basis) => amountToUnits(cost[basis]) % 10n ** 14n),
        );
        const small = billUnits(one, chosen, Float64Array.from(units, Number), doubles, doubleRoom);
        const large = billUnits(one, chosen, units, bigints, bigintRoom);
        expect(Array.from(small.parts, BigInt)).toEqual(large.parts);
        expect(Array.from(small.rest, BigInt)).toEqual(large.rest);
      }),
      runs,
    );
  });

  test("idle is spread only where somebody used the resource, and never more than there was", () => {
    fc.assert(
      fc.property(hourArbitrary(), settingsArbitrary, (one, chosen) => {
        const without = { ...chosen, shared: { names: [], how: "even" as const } };
        const kept = billClusterHour(one, { ...without, idle: "separate" });
        const spread = billClusterHour(one, { ...without, idle: "by-use" });
        expect(spread.namespaces.map((line) => line.direct)).toEqual(kept.namespaces.map((line) => line.direct));
        const idle = [...spread.namespaces.map((line) => line.idle), spread.idle].map((part) => part.effective);
        expect(addAmounts(idle)).toBe(kept.idle.effective);
      }),
      runs,
    );
  });
});
