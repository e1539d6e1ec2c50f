import fc from "fast-check";
import type { BillBasis, BillSettings, ClusterHour, NodeCost } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { columnsOfUses, type NamespaceUse, type Reading } from "#lib/domain/cluster-bill/reading-columns.ts";
import { unitsToAmount } from "#lib/domain/cluster-bill/units.ts";
import type { Amount } from "#lib/domain/money.ts";

export const SETTINGS: BillSettings = {
  method: "opencost",
  idle: "separate",
  idlePer: "node",
  shared: { names: [], how: "even" },
};

export function node(
  cost: Amount,
  capacity: [number | null, number | null, number | null],
  more: Partial<NodeCost> = {},
): NodeCost {
  const [cpuCores, memoryGib, gpus] = capacity;
  return {
    node: "node",
    capacityType: "on-demand",
    billed: cost,
    effective: cost,
    capacity: { cpuCores, memoryGib, gpus },
    rates: null,
    ...more,
  };
}

export function reading(requested: number | null, used: number | null, larger?: number | null): Reading {
  return larger === undefined ? { requested, used } : { requested, used, larger };
}

export function hour(
  namespaces: string[],
  nodes: NodeCost[],
  uses: NamespaceUse[],
  more: Partial<Pick<ClusterHour, "others" | "isObserved">> = {},
): ClusterHour {
  return { namespaces, nodes, others: [], uses: columnsOfUses(uses), isObserved: true, ...more };
}

/** Amounts of any size, or from zero up; most of them small enough for doubles. */
function costArbitrary(least: bigint, most: bigint): fc.Arbitrary<Amount> {
  return fc
    .oneof(fc.constantFrom(0n, 1n, 7n, 10n ** 12n), fc.bigInt({ min: least, max: 10n ** 13n }), {
      arbitrary: fc.bigInt({ min: least, max: most }),
      weight: 1,
    })
    .map(unitsToAmount);
}

const quantity = fc.oneof(fc.constantFrom(0, 0.1, 1, 2.5), fc.double({ min: 0, max: 64, noNaN: true }));
const gappy = fc.option(quantity, { nil: null, freq: 4 });
const readingArbitrary = fc.record({ requested: gappy, used: gappy, larger: fc.option(quantity, { nil: null }) });
const capacityArbitrary = fc.option(fc.constantFrom(0, 1, 4, 16, 64), { nil: null, freq: 8 });
const NAMESPACES = ["claims", "motor", "kube-system", "life", "monitoring"];

/** @param credits whether costs may be negative. `isQuiet`: nobody asks for or uses anything. */
export function hourArbitrary({ credits = false, isQuiet = false } = {}): fc.Arbitrary<ClusterHour> {
  const cost = costArbitrary(credits ? -(10n ** 13n) : 0n, credits ? 10n ** 18n : 10n ** 16n);
  const costs = { billed: cost, effective: cost };
  const nothing = fc.constant({ requested: 0, used: 0, larger: 0 });
  const use = isQuiet ? nothing : readingArbitrary;
  return fc
    .record({
      namespaces: fc.shuffledSubarray(NAMESPACES, { minLength: 1 }),
      nodes: fc.array(
        fc.record({
          ...costs,
          node: fc.constant("node"),
          capacityType: fc.constant("spot"),
          capacity: fc.record({ cpuCores: capacityArbitrary, memoryGib: capacityArbitrary, gpus: capacityArbitrary }),
          rates: fc.option(fc.record({ cpuCores: quantity, memoryGib: quantity, gpus: quantity }), { nil: null }),
        }),
        { maxLength: 4 },
      ),
      others: fc.array(
        fc.record({
          ...costs,
          kind: fc.constant("volume" as const),
          namespace: fc.option(fc.constant(0), { nil: null }),
        }),
        { maxLength: 3 },
      ),
      uses: fc.array(
        fc.record({
          namespace: fc.nat(),
          node: fc.option(fc.nat(4), { nil: null, freq: 9 }),
          cpuCores: use,
          memoryGib: use,
          gpus: use,
        }),
        { maxLength: 12 },
      ),
      isObserved: fc.boolean(),
    })
    .map(({ uses, ...rest }) => ({
      ...rest,
      uses: columnsOfUses(uses.map((row) => ({ ...row, namespace: row.namespace % rest.namespaces.length }))),
    }));
}

export const settingsArbitrary: fc.Arbitrary<BillSettings> = fc.record({
  method: fc.constantFrom("opencost", "aws-split-cost", "requests"),
  idle: fc.constantFrom("separate", "by-use", "owner"),
  idlePer: fc.constantFrom("node", "cluster"),
  shared: fc.record({
    names: fc.subarray(["kube-system", "monitoring", "claims"]),
    how: fc.oneof(
      fc.constantFrom("even" as const, "by-use" as const),
      fc.constant({ weights: { claims: "0.3", motor: "2" } }),
    ),
  }),
});

export function costsOf(hour: ClusterHour, basis: BillBasis): Amount[] {
  return [...hour.nodes, ...hour.others].map((cost) => cost[basis]);
}
