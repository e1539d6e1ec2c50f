import { BILL_BASES, type BillSettings, type ClusterHour } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { Column, UnitArithmetic } from "#lib/domain/cluster-bill/units.ts";
import { addTo, inWholeNumbers } from "#lib/domain/cluster-bill/whole-weights.ts";

const BASES = BILL_BASES.length;
const [DIRECT, IDLE, SHARED, GIVEN] = [0, 1, 2, 3];

/**
 * Takes what the shared namespaces cost, direct and idle, and splits it among the others: alike, by their own direct cost, or by
 * fixed weights. Where none of the others has a weight, the shared namespaces keep it.
 *
 * @param parts as UnitBill's, changed in place.
 * @param work room for a weight and a cell of each namespace.
 */
export function shareOut<T, C extends Column<T>>(
  hour: Pick<ClusterHour, "namespaces">,
  { names, how }: BillSettings["shared"],
  parts: C,
  arithmetic: UnitArithmetic<T, C>,
  work: { weights: Float64Array; cells: C },
): void {
  const { zero, add, split } = arithmetic;
  const count = hour.namespaces.length;
  if (names.length === 0) return;
  const givers = hour.namespaces.flatMap((name, namespace) => (names.includes(name) ? [namespace] : []));
  if (givers.length === 0) return;

  const { weights, cells } = work;
  weights.fill(0, 0, count);
  for (const [namespace, name] of hour.namespaces.entries())
    weights[namespace] = how === "even" ? 1 : how === "by-use" ? 0 : Math.max(0, Number(ownWeight(how.weights, name)));
  if (how === "by-use") weighByUse(parts, count, givers, weights);
  else for (const giver of givers) weights[giver] = 0;
  const weightSum = inWholeNumbers(weights, count);
  if (weightSum === 0) return;

  for (let basis = 0; basis < BASES; basis += 1) {
    const at = (kind: number, namespace: number) => (kind * BASES + basis) * count + namespace;
    let total = zero;
    for (const giver of givers) {
      const given = add(parts[at(DIRECT, giver)] ?? zero, parts[at(IDLE, giver)] ?? zero);
      parts[at(GIVEN, giver)] = given;
      parts[at(DIRECT, giver)] = zero;
      parts[at(IDLE, giver)] = zero;
      total = add(total, given);
    }
    split(total, weights, count, weightSum, cells);
    for (let namespace = 0; namespace < count; namespace += 1)
      addTo(parts, at(SHARED, namespace), cells[namespace] ?? zero, arithmetic);
  }
}

function ownWeight(weights: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(weights, name) ? (weights[name] ?? "0") : "0";
}

/** By direct effective cost, or by the billed one where nobody has any; credits count as nothing, and so do the givers. */
function weighByUse<T>(parts: Column<T>, count: number, givers: readonly number[], weights: Float64Array): void {
  for (const basis of [1, 0]) {
    let total = 0;
    for (let namespace = 0; namespace < count; namespace += 1)
      weights[namespace] = Math.max(0, Number(parts[(DIRECT * BASES + basis) * count + namespace]));
    for (const giver of givers) weights[giver] = 0;
    for (let namespace = 0; namespace < count; namespace += 1) total += weights[namespace] ?? 0;
    if (total > 0) return;
  }
}
