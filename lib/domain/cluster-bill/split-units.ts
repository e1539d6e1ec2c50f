/** Weights are whole numbers that add up to about this. With totals below MOST_UNITS every intermediate result is exact. */
export const WEIGHT_SUM = 2 ** 50;

/** A total that is split by doubles is smaller; in units of the twelfth decimal that is about 2,251 of the currency. */
export const MOST_UNITS = 2 ** 51;

/** Room for `splitUnits` to work in, which grows with what it is asked to do. */
export type SplitScratch = { remainders: Float64Array; sorted: Float64Array };

export function splitScratch(): SplitScratch {
  return { remainders: new Float64Array(0), sorted: new Float64Array(0) };
}

/**
 * `splitter` of money.ts for whole numbers that doubles hold: the same parts to the last unit, some forty times faster,
 * which counts where millions of hours of namespaces are billed. Largest remainder, ties to the larger weight and then to
 * the earlier one; a negative total splits like its mirror.
 *
 * Doubles hold 53 bits and a product of total and weight has up to 102, so that each product is kept as two numbers, what fits
 * and what was rounded away (Dekker 1971, "A floating-point technique for extending the available precision").
 *
 * @param total a whole number, its magnitude below MOST_UNITS.
 * @param weights whole numbers >= 0, of which the first `count` are used; `weightSum`, their sum, is above zero and at most
 *   about WEIGHT_SUM.
 * @param parts receives `count` parts.
 */
export function splitUnits(
  total: number,
  weights: Float64Array,
  count: number,
  weightSum: number,
  parts: Float64Array,
  scratch: SplitScratch,
): void {
  if (total === 0) {
    parts.fill(0, 0, count);
    return;
  }
  if (scratch.remainders.length < count) {
    scratch.remainders = new Float64Array(count * 2);
    scratch.sorted = new Float64Array(count * 2);
  }
  const { remainders } = scratch;
  const left = cutDown(Math.abs(total), weights, count, weightSum, parts, remainders);
  if (left > 0) handOut(left, weights, count, parts, scratch);
  if (total < 0) for (let index = 0; index < count; index += 1) parts[index] = 0 - (parts[index] ?? 0);
}

/** 2^27 + 1 cuts a double's 53 bits in two halves whose products are exact. */
const HALVES = 134_217_729;

/** Each part rounded down, and what is cut off in `remainders`. Returns the units that are left. */
function cutDown(
  total: number,
  weights: Float64Array,
  count: number,
  weightSum: number,
  parts: Float64Array,
  remainders: Float64Array,
): number {
  const perWeight = total / weightSum;
  let spread = HALVES * total;
  const totalHigh = spread - (spread - total);
  const totalLow = total - totalHigh;
  spread = HALVES * weightSum;
  const sumHigh = spread - (spread - weightSum);
  const sumLow = weightSum - sumHigh;

  let left = total;
  for (let index = 0; index < count; index += 1) {
    const weight = weights[index] ?? 0;
    let part = Math.floor(perWeight * weight);
    // The remainder total × weight - part × weightSum, each product exactly as the sum of two doubles.
    spread = HALVES * weight;
    const weightHigh = spread - (spread - weight);
    const weightLow = weight - weightHigh;
    const wanted = total * weight;
    const wantedRest =
      totalLow * weightLow - (wanted - totalHigh * weightHigh - totalLow * weightHigh - totalHigh * weightLow);
    spread = HALVES * part;
    const partHigh = spread - (spread - part);
    const partLow = part - partHigh;
    const given = part * weightSum;
    const givenRest = partLow * sumLow - (given - partHigh * sumHigh - partLow * sumHigh - partHigh * sumLow);
    let remainder = wanted - given + (wantedRest - givenRest);
    // The first guess may be a unit off.
    while (remainder < 0) {
      part -= 1;
      remainder += weightSum;
    }
    while (remainder >= weightSum) {
      part += 1;
      remainder -= weightSum;
    }
    parts[index] = part;
    remainders[index] = remainder;
    left -= part;
  }
  return left;
}

/** Hands the units that are left to the largest remainders. They are fewer than the remainders above zero. */
function handOut(left: number, weights: Float64Array, count: number, parts: Float64Array, scratch: SplitScratch): void {
  const { remainders, sorted } = scratch;
  const ranked = sorted.subarray(0, count);
  ranked.set(remainders.subarray(0, count));
  const least = selectRank(ranked, count - left);
  let unitsForTies = left;
  let ties = 0;
  for (let index = 0; index < count; index += 1) {
    const remainder = remainders[index] ?? 0;
    if (remainder > least) {
      parts[index] = (parts[index] ?? 0) + 1;
      unitsForTies -= 1;
    } else if (remainder === least) ties += 1;
  }
  if (ties === unitsForTies || areTiesEqual(weights, remainders, count, least)) {
    for (let index = 0; index < count && unitsForTies > 0; index += 1) {
      if (remainders[index] !== least) continue;
      parts[index] = (parts[index] ?? 0) + 1;
      unitsForTies -= 1;
    }
    return;
  }
  const order = Array.from({ length: count }, (_, index) => index)
    .filter((index) => remainders[index] === least)
    .toSorted((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  for (const index of order.slice(0, unitsForTies)) parts[index] = (parts[index] ?? 0) + 1;
}

/** Equal weights have equal remainders, so that an even split is nothing but ties. */
function areTiesEqual(weights: Float64Array, remainders: Float64Array, count: number, least: number): boolean {
  let first = -1;
  for (let index = 0; index < count; index += 1) {
    if (remainders[index] !== least) continue;
    if (first < 0) first = index;
    else if (weights[index] !== weights[first]) return false;
  }
  return true;
}

/** The value that would stand at `rank` if the values were sorted (Hoare's selection); it reorders them. */
function selectRank(values: Float64Array, rank: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = values[(from + to) >> 1] ?? 0;
    let [low, high] = [from, to];
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low += 1;
      while ((values[high] ?? 0) > pivot) high -= 1;
      if (low > high) break;
      const value = values[low] ?? 0;
      values[low] = values[high] ?? 0;
      values[high] = value;
      low += 1;
      high -= 1;
    }
    if (rank <= high) to = high;
    else if (rank >= low) from = low;
    else break;
  }
  return values[rank] ?? 0;
}
