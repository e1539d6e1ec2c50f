import { BILL_BASES, RESOURCES, type BillMethod, type ClusterHour } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { ratesOf } from "#lib/domain/cluster-bill/rates.ts";
import { amountOfRow } from "#lib/domain/cluster-bill/row-amount.ts";
import { MOST_UNITS } from "#lib/domain/cluster-bill/split-units.ts";
import { amountToUnits, bigintUnits, doubleUnits, unitsToAmount } from "#lib/domain/cluster-bill/units.ts";
import { inWholeNumbers } from "#lib/domain/cluster-bill/whole-weights.ts";
import type { Amount } from "#lib/domain/money.ts";
import type { NamespaceCostResource } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { amountsInHour, HOURS_OF_A_DAY, type DayCost } from "#lib/services/cluster-bill/day-hours.ts";

/** Billed and effective. */
export type ResourceAmounts = [billed: Amount, effective: Amount];

const NODE_RESOURCES: readonly NamespaceCostResource[] = ["cpu", "memory", "gpu"];
const KINDS = RESOURCES.length;

/**
 * What each namespace's use of CPU, memory and GPU was worth on the day, in proportion to each other: namespace × 3 + resource. A node's
 * cost is divided among its resources by the method's own rates, as the split itself does.
 */
export function resourceWeights(hours: readonly ClusterHour[], namespaces: number, method: BillMethod): Float64Array {
  const weights = new Float64Array(namespaces * KINDS);
  for (const { nodes, uses } of hours) {
    // Worth of a unit of each resource on each node; behind them the average, for rows whose node is not known.
    const perUnit = new Float64Array((nodes.length + 1) * KINDS);
    for (const [index, node] of nodes.entries()) {
      const rates = ratesOf(node, method);
      const size = RESOURCES.reduce((total, resource) => total + rates[resource] * (node.capacity[resource] ?? 0), 0);
      const worth = Math.abs(Number(node.effective)) || Math.abs(Number(node.billed));
      for (const [kind, resource] of RESOURCES.entries()) {
        const value = size > 0 ? (rates[resource] * worth) / size : rates[resource];
        perUnit[index * KINDS + kind] = value;
        perUnit[nodes.length * KINDS + kind] = (perUnit[nodes.length * KINDS + kind] ?? 0) + value / nodes.length;
      }
    }
    for (const [kind, resource] of RESOURCES.entries()) {
      const readings = uses.readings[resource];
      for (let row = 0; row < uses.count; row += 1) {
        const amount = amountOfRow(readings, row, method);
        if (!(amount > 0)) continue;
        const node = uses.node[row] ?? -1;
        const at = (uses.namespace[row] ?? 0) * KINDS + kind;
        weights[at] = (weights[at] ?? 0) + amount * (perUnit[(node < 0 ? nodes.length : node) * KINDS + kind] ?? 0);
      }
    }
  }
  return weights;
}

const doubles = doubleUnits();
const bigints = bigintUnits();
const room = new Float64Array(KINDS);

/** Splits by whole weights, in doubles where they hold the total. */
function splitUnits(total: bigint, weights: Float64Array, weightSum: number): bigint[] {
  const small = Number(total);
  if (Math.abs(small) < MOST_UNITS) {
    doubles.split(small, weights, KINDS, weightSum, room);
    return Array.from(room, BigInt);
  }
  const parts = [0n, 0n, 0n];
  bigints.split(total, weights, KINDS, weightSum, parts);
  return parts;
}

/** A namespace's direct cost by what it is for: charges that name it (`own`) as they are, the rest by the worth of its use. The sum is `had`. */
export function divideByResource(
  had: readonly bigint[],
  weights: Float64Array,
  own: readonly DayCost[],
  startMs: number,
): Partial<Record<NamespaceCostResource, ResourceAmounts>> {
  const sums = new Map<NamespaceCostResource, bigint[]>();
  const add = (resource: NamespaceCostResource, basis: number, units: bigint) => {
    const found = sums.get(resource) ?? [0n, 0n];
    sums.set(resource, found);
    found[basis] = (found[basis] ?? 0n) + units;
  };
  const left = [...had];
  for (const cost of own) {
    const resource =
      cost.kind === "volume" || cost.kind === "balancer" || cost.kind === "traffic" ? cost.kind : "other";
    for (let hour = 0; hour < HOURS_OF_A_DAY; hour += 1) {
      const amounts = amountsInHour(cost, startMs + hour * 3_600_000);
      if (amounts === null) continue;
      for (const [basis, name] of BILL_BASES.entries()) {
        const units = amountToUnits(amounts[name]);
        add(resource, basis, units);
        left[basis] = (left[basis] ?? 0n) - units;
      }
    }
  }
  const whole = weights.slice();
  const weightSum = inWholeNumbers(whole, KINDS);
  for (const [basis, units] of left.entries()) {
    if (units === 0n) continue;
    if (weightSum === 0) {
      add("other", basis, units);
      continue;
    }
    for (const [kind, part] of splitUnits(units, whole, weightSum).entries())
      add(NODE_RESOURCES[kind] ?? "other", basis, part);
  }
  return Object.fromEntries(
    [...sums]
      .filter(([, [billed, effective]]) => billed !== 0n || effective !== 0n)
      .map(([resource, [billed = 0n, effective = 0n]]) => [
        resource,
        [unitsToAmount(billed), unitsToAmount(effective)],
      ]),
  );
}
