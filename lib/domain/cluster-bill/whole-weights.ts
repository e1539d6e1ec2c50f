import { WEIGHT_SUM } from "#lib/domain/cluster-bill/split-units.ts";
import type { Column, UnitArithmetic } from "#lib/domain/cluster-bill/units.ts";

/** Turns the first `count` proportions into whole numbers that add up to about WEIGHT_SUM; returns their sum, 0 where all are zero. */
export function inWholeNumbers(weights: Float64Array, count: number): number {
  let total = 0;
  for (let index = 0; index < count; index += 1) total += weights[index] ?? 0;
  if (total <= 0) return 0;
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    // Dividing first keeps proportions of any size in range.
    const weight = Math.round(((weights[index] ?? 0) / total) * WEIGHT_SUM);
    weights[index] = weight;
    sum += weight;
  }
  return sum;
}

export function addTo<T, C extends Column<T>>(
  column: C,
  position: number,
  value: T,
  arithmetic: UnitArithmetic<T, C>,
): void {
  column[position] = arithmetic.add(column[position] ?? arithmetic.zero, value);
}
