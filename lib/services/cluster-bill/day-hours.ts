import {
  BILL_BASES,
  RESOURCES,
  type BillAmounts,
  type BillBasis,
  type ClusterHour,
  type NodeCost,
  type OtherCost,
  type ReadingColumns,
  type Resource,
  type UseColumns,
} from "#lib/domain/cluster-bill/cluster-hour.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { amountToUnits, unitsToAmount } from "#lib/domain/cluster-bill/units.ts";
import { resourceTail } from "#lib/sources/cluster-costs.ts";
import type { MethodSettings } from "#lib/services/cluster-bill/method-settings.ts";

export const HOURS_OF_A_DAY = 24;
const HOUR_MS = 3_600_000;
const DAY_MS = HOURS_OF_A_DAY * HOUR_MS;

/** Charges of one resource over one charge period. */
export type DayCost = BillAmounts & {
  kind: "control-plane" | "node" | "volume" | "balancer" | "traffic" | "other";
  resourceId: string;
  /** "" = none. */
  namespace: string;
  uid: string;
  startMs: number;
  hours: number;
};

/** A machine as the inventory knows it. */
export type DayNode = {
  name: string;
  /** resourceTail of its provider id. */
  tail: string;
  capacityType: string | null;
  capacity: Record<Resource, number>;
  /** Half-open, in milliseconds; what is still there ends never. */
  seenFromMs: number;
  seenToMs: number;
};

/** What namespaces used on the day, by columns, in the order of the hours. */
export type DayUses = {
  /** Namespaces by index. */
  names: string[];
  uids: string[];
  nodeNames: string[];
  /** Position of the first row of each hour, and of the end: 25 of them. */
  hourStarts: Uint32Array;
  namespace: Uint32Array;
  /** Index into nodeNames, -1 = not known. */
  node: Int32Array;
  readings: Record<Resource, Record<keyof ReadingColumns, Float64Array>>;
};

/** A cluster's day in one currency: what was billed, what was used, and what is known of its nodes. */
export type SplitDayInput = {
  /** Midnight UTC, in milliseconds. */
  startMs: number;
  costs: readonly DayCost[];
  uses: DayUses;
  nodes: readonly DayNode[];
  /** Hours that were observed in whole. */
  observedHours: ReadonlySet<number>;
  settings: MethodSettings;
};

export type DayNamespace = { name: string; uid: string };

/** The hours of a day that cost anything, as the biller takes them. Every charge counts alike in each hour of its period. */
export function buildHours(input: SplitDayInput): { hours: ClusterHour[]; namespaces: DayNamespace[] } {
  const namespaces = namespacesOf(input);
  const indexOf = new Map(namespaces.map(({ name }, index) => [name, index]));
  const names = namespaces.map(({ name }) => name);
  const plan = planNodes(input);
  const hours: ClusterHour[] = [];
  for (let hour = 0; hour < HOURS_OF_A_DAY; hour += 1) {
    const charges = input.costs.flatMap((cost) => {
      const amounts = amountsInHour(cost, input.startMs + hour * HOUR_MS);
      return amounts === null ? [] : [{ cost, amounts }];
    });
    if (charges.length === 0) continue;
    const others = charges.flatMap(({ cost, amounts }): OtherCost[] =>
      isNodeCost(cost)
        ? []
        : [
            {
              ...amounts,
              kind: cost.kind === "node" ? "other" : cost.kind,
              namespace: cost.namespace === "" ? null : (indexOf.get(cost.namespace) ?? null),
            },
          ],
    );
    const { nodes, placeOf } = nodesOfHour(charges, plan);
    hours.push({
      namespaces: names,
      nodes,
      others,
      uses: usesOfHour(input, hour, plan, placeOf),
      isObserved: input.observedHours.has(hour),
    });
  }
  return { hours, namespaces };
}

/** A machine's cost that the provider has given to a namespace itself is that namespace's, and shared by nobody. */
export function isNodeCost({ kind, namespace }: DayCost): boolean {
  return kind === "node" && namespace === "";
}

/**
 * What a charge counts in one hour of its period: an equal part in each, in whole units of the twelfth decimal, of which the first hours
 * have one more where it does not come out even. Null outside of its period.
 */
export function amountsInHour(cost: DayCost, hourMs: number): BillAmounts | null {
  const place = Math.round((hourMs - cost.startMs) / HOUR_MS);
  if (place < 0 || place >= cost.hours) return null;
  return { billed: partOf(cost.billed, place, cost.hours), effective: partOf(cost.effective, place, cost.hours) };
}

/** What a charge counts on a day. Whole charges need no sum over their hours. */
export function amountOnDay(cost: DayCost, startMs: number, basis: BillBasis): string {
  if (cost.startMs >= startMs && cost.startMs + cost.hours * HOUR_MS <= startMs + DAY_MS) return cost[basis];
  return toAmount(
    sum(
      Array.from(
        { length: HOURS_OF_A_DAY },
        (_, hour) => amountsInHour(cost, startMs + hour * HOUR_MS)?.[basis] ?? "0",
      ),
    ),
  );
}

function partOf(amount: string, place: number, hours: number): string {
  if (hours === 1 || amount === "0") return amount;
  const units = amountToUnits(amount);
  const magnitude = units < 0n ? -units : units;
  const part = magnitude / BigInt(hours) + (BigInt(place) < magnitude % BigInt(hours) ? 1n : 0n);
  return unitsToAmount(units < 0n ? -part : part);
}

function namespacesOf({ uses, costs }: SplitDayInput): DayNamespace[] {
  const found = uses.names.map((name, index): DayNamespace => ({ name, uid: uses.uids[index] ?? "" }));
  const known = new Set(uses.names);
  for (const { namespace, uid } of costs) {
    if (namespace === "" || known.has(namespace)) continue;
    known.add(namespace);
    found.push({ name: namespace, uid });
  }
  return found;
}

type NodePlan = {
  /** Machines by resource id of their cost; several where a scale set is billed as one. */
  machinesOf: Map<string, DayNode[]>;
  /** By index into nodeNames: the resource id that it is billed under, null = none is known. */
  resourceOfName: (string | null)[];
  /** By index into nodeNames: the inventory knows it. */
  isKnownName: boolean[];
  /** Every machine that was billed is one that the inventory knows. */
  areAllKnown: boolean;
};

function planNodes({ costs, nodes, uses, startMs }: SplitDayInput): NodePlan {
  const byTail = Map.groupBy(nodes, ({ tail }) => tail);
  const machinesOf = new Map<string, DayNode[]>();
  for (const cost of costs) {
    if (!isNodeCost(cost) || machinesOf.has(cost.resourceId)) continue;
    const found = byTail.get(resourceTail(cost.resourceId)) ?? [];
    const there = found.filter(
      (node) => node.seenFromMs < startMs + HOURS_OF_A_DAY * HOUR_MS && startMs < node.seenToMs,
    );
    // A machine alone is the same on every day; of a set those count that were there, where that is known.
    machinesOf.set(cost.resourceId, there.length > 0 ? there : found);
  }
  const resourceOf = new Map(
    [...machinesOf].flatMap(([resourceId, machines]) => machines.map(({ name }) => [name, resourceId] as const)),
  );
  const known = new Set(nodes.map(({ name }) => name));
  return {
    machinesOf,
    resourceOfName: uses.nodeNames.map((name) => resourceOf.get(name) ?? null),
    isKnownName: uses.nodeNames.map((name) => known.has(name)),
    areAllKnown: [...machinesOf.values()].every((machines) => machines.length > 0),
  };
}

function nodesOfHour(
  charges: readonly { cost: DayCost; amounts: BillAmounts }[],
  { machinesOf }: NodePlan,
): { nodes: NodeCost[]; placeOf: Map<string, number> } {
  const placeOf = new Map<string, number>();
  const nodes: NodeCost[] = [];
  for (const { cost, amounts } of charges) {
    if (!isNodeCost(cost)) continue;
    const place = placeOf.get(cost.resourceId);
    const node = place === undefined ? undefined : nodes[place];
    if (node !== undefined) {
      for (const basis of BILL_BASES)
        node[basis] = unitsToAmount(amountToUnits(node[basis]) + amountToUnits(amounts[basis]));
      continue;
    }
    placeOf.set(cost.resourceId, nodes.length);
    const machines = machinesOf.get(cost.resourceId) ?? [];
    const capacity = (resource: Resource) =>
      machines.length === 0 ? null : machines.reduce((total, machine) => total + machine.capacity[resource], 0);
    nodes.push({
      ...amounts,
      node: cost.resourceId,
      capacityType: machines[0]?.capacityType ?? "",
      capacity: { cpuCores: capacity("cpuCores"), memoryGib: capacity("memoryGib"), gpus: capacity("gpus") },
      rates: null,
    });
  }
  return { nodes, placeOf };
}

/**
 * The rows of an hour with the place of their node among those that were billed. What ran on a machine that the inventory knows and nobody
 * billed in this hour cost nothing and is left out; where it is not known which machine it was, its place is unknown.
 */
function usesOfHour({ uses }: SplitDayInput, hour: number, plan: NodePlan, placeOf: Map<string, number>): UseColumns {
  const [from, to] = [uses.hourStarts[hour] ?? 0, uses.hourStarts[hour + 1] ?? 0];
  const LEFT_OUT = -2;
  const places = plan.resourceOfName.map((resourceId, index) => {
    const place = resourceId === null ? undefined : placeOf.get(resourceId);
    if (place !== undefined) return place;
    return plan.areAllKnown && plan.isKnownName[index] ? LEFT_OUT : -1;
  });
  const node = new Int32Array(to - from);
  let left = 0;
  for (let row = from; row < to; row += 1) {
    const place = places[uses.node[row] ?? -1] ?? -1;
    node[row - from] = place;
    if (place === LEFT_OUT) left += 1;
  }
  const pick = (column: Float64Array | Uint32Array | Int32Array, start: number) => {
    const part = column.subarray(start, start + to - from);
    return left === 0 ? part : part.filter((_value, index) => node[index] !== LEFT_OUT);
  };
  const readings = (resource: Resource): ReadingColumns => ({
    requested: pick(uses.readings[resource].requested, from),
    used: pick(uses.readings[resource].used, from),
    larger: pick(uses.readings[resource].larger, from),
  });
  const [cpuCores, memoryGib, gpus] = RESOURCES;
  return {
    count: to - from - left,
    namespace: pick(uses.namespace, from),
    node: pick(node, 0),
    readings: { [cpuCores]: readings(cpuCores), [memoryGib]: readings(memoryGib), [gpus]: readings(gpus) },
  };
}
