import { clusterBiller, type HourUnits } from "#lib/domain/cluster-bill/bill-cluster-hour.ts";
import { PART_KINDS, REST_KINDS } from "#lib/domain/cluster-bill/bill-work.ts";
import { BILL_BASES, type BillAmounts, type ClusterHour } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { GAP } from "#lib/domain/cluster-bill/row-amount.ts";
import { amountToUnits, unitsToAmount } from "#lib/domain/cluster-bill/units.ts";
import type { NamespaceCostResource } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { buildHours, type SplitDayInput } from "#lib/services/cluster-bill/day-hours.ts";
import { divideByResource, resourceWeights, type ResourceAmounts } from "#lib/services/cluster-bill/day-resources.ts";
import { toBillSettings } from "#lib/services/cluster-bill/method-settings.ts";

export type DayRow = {
  kind: "namespace" | "idle" | "overhead" | "unobserved";
  namespace: string;
  uid: string;
  direct: BillAmounts;
  idle: BillAmounts;
  shared: BillAmounts;
  given: BillAmounts;
  resources: Partial<Record<NamespaceCostResource, ResourceAmounts>>;
};

export type SplitDayResult = {
  rows: DayRow[];
  /** What was billed on the day, which the rows add up to. */
  total: BillAmounts;
  notes: { text: string; hours: number }[];
};

const BASES = BILL_BASES.length;
const GIVEN = PART_KINDS.indexOf("given");

/** Splits a cluster's day, hour by hour: direct + idle + shared of all rows = what was billed, to the last decimal. */
export function splitDay(input: SplitDayInput): SplitDayResult {
  const { hours, namespaces } = buildHours(input);
  const names = namespaces.map(({ name }) => name);
  const bill = clusterBiller(toBillSettings(input.settings, names));
  const count = namespaces.length;
  const parts = new DaySums(PART_KINDS.length * BASES * count);
  const rest = new DaySums(REST_KINDS.length * BASES);
  const notes = new Map<string, number>();
  for (const hour of hours) {
    const units = bill(hour);
    parts.add(units.parts);
    rest.add(units.rest);
    noteGaps(notes, hour, units);
  }
  const amounts = (sums: DaySums, at: (basis: number) => number): BillAmounts => {
    const [billed = "0", effective = "0"] = BILL_BASES.map((_, basis) => unitsToAmount(sums.at(at(basis))));
    return { billed, effective };
  };
  const weights = resourceWeights(hours, namespaces.length, input.settings.method);
  const ownCosts = Map.groupBy(
    input.costs.filter((cost) => cost.namespace !== ""),
    ({ namespace }) => namespace,
  );
  const rows = namespaces.map(({ name, uid }, index): DayRow => {
    const part = (kind: number) => amounts(parts, (basis) => (kind * BASES + basis) * count + index);
    // What the others took over is what it had: its resources tell that.
    const had = BILL_BASES.map((_, basis) => {
      const given = parts.at((GIVEN * BASES + basis) * count + index);
      return given === 0n ? parts.at(basis * count + index) : given;
    });
    return {
      kind: "namespace",
      namespace: name,
      uid,
      direct: part(0),
      idle: part(1),
      shared: part(2),
      given: part(GIVEN),
      resources: divideByResource(
        had,
        weights.subarray(index * 3, index * 3 + 3),
        ownCosts.get(name) ?? [],
        input.startMs,
      ),
    };
  });
  const remainders = REST_KINDS.map((kind, index): DayRow => ({
    ...EMPTY,
    kind,
    // What is left over is nobody's own use: it stands where a reader of direct, idle and shared looks for it.
    [kind === "idle" ? "idle" : "direct"]: amounts(rest, (basis) => index * BASES + basis),
  }));
  return {
    rows: [...rows, ...remainders].filter(isSomething),
    total: totalOf(hours),
    notes: [...notes].map(([text, found]) => ({ text, hours: found })),
  };
}

const NOTHING: BillAmounts = { billed: "0", effective: "0" };
const EMPTY = {
  namespace: "",
  uid: "",
  direct: NOTHING,
  idle: NOTHING,
  shared: NOTHING,
  given: NOTHING,
  resources: {},
};

function isSomething({ direct, idle, shared, given }: DayRow): boolean {
  return [direct, idle, shared, given].some(({ billed, effective }) => billed !== "0" || effective !== "0");
}

/**
 * Sums of whole units. An hour's are doubles as a rule, and a day's as well, as long as no sum can leave the range in which doubles are
 * exact; from then on, and for hours that are bigint themselves, they are counted as bigint.
 */
class DaySums {
  readonly #small: Float64Array;
  #large: bigint[] | null = null;
  /** No sum is larger than this. */
  #most = 0;

  constructor(length: number) {
    this.#small = new Float64Array(length);
  }

  add(units: Float64Array | bigint[]): void {
    if (units instanceof Float64Array) {
      let most = 0;
      for (const value of units) most = Math.max(most, Math.abs(value));
      if (this.#most + most <= Number.MAX_SAFE_INTEGER) {
        this.#most += most;
        for (let index = 0; index < units.length; index += 1)
          this.#small[index] = (this.#small[index] ?? 0) + (units[index] ?? 0);
        return;
      }
    }
    this.#large ??= Array.from(this.#small, () => 0n);
    for (let index = 0; index < units.length; index += 1)
      this.#large[index] = (this.#large[index] ?? 0n) + BigInt(units[index] ?? 0);
  }

  at(index: number): bigint {
    return BigInt(this.#small[index] ?? 0) + (this.#large?.[index] ?? 0n);
  }
}

function totalOf(hours: readonly ClusterHour[]): BillAmounts {
  const sums = BILL_BASES.map((basis) =>
    unitsToAmount(
      hours.reduce(
        (total, hour) =>
          [...hour.nodes, ...hour.others].reduce((left, cost) => left + amountToUnits(cost[basis]), total),
        0n,
      ),
    ),
  );
  return { billed: sums[0] ?? "0", effective: sums[1] ?? "0" };
}

function noteGaps(notes: Map<string, number>, hour: ClusterHour, { gaps, areNodesApart }: HourUnits): void {
  const note = (text: string) => notes.set(text, (notes.get(text) ?? 0) + 1);
  if (!hour.isObserved) note(NOTES.unobserved);
  let bits: number = GAP.none;
  for (const gap of gaps) bits |= gap;
  if (bits & GAP.countedByRequests) note(NOTES.countedByRequests);
  if (bits & GAP.countedByUse) note(NOTES.countedByUse);
  if (bits & GAP.unobserved) note(NOTES.partly);
  if (!areNodesApart) note(NOTES.nodes);
}

const NOTES = {
  unobserved: "Use was not observed, so that what nobody accounts for is unobserved and not idle.",
  countedByRequests: "Use of some namespaces was not observed, so that what they requested counts.",
  countedByUse: "Requests of some namespaces are not known, so that what they used counts.",
  partly: "Nothing was observed of some namespaces, so that what is left of their nodes is unobserved and not idle.",
  nodes: "It is not known which node every namespace ran on, so that the nodes were taken as one.",
} as const;
