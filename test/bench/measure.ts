/** One line of the bench. Where there is no floor the limit is for `ours` itself, otherwise for `ratio` = ours ÷ floor. */
export type Measurement = {
  name: string;
  unit: "s" | "ms" | "MiB" | "kB" | "events";
  ours: number;
  floor: number | null;
  ratio: number | null;
  limit: number;
  isMet: boolean;
};

/** What a measure is told. `scale` 1 is the size that the limits are meant for. */
export type MeasureOptions = { scale: number; note: (text: string) => void };

/** A measure yields one line or several. */
export type Measure = { name: string; about: string; run: (options: MeasureOptions) => Promise<Measurement[]> };

export function compare(
  name: string,
  unit: Measurement["unit"],
  ours: number,
  floor: number,
  limit: number,
): Measurement {
  const ratio = ours / floor;
  return { name, unit, ours, floor, ratio, limit, isMet: ratio <= limit };
}

export function bound(name: string, unit: Measurement["unit"], ours: number, limit: number): Measurement {
  return { name, unit, ours, floor: null, ratio: null, limit, isMet: ours <= limit };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that at least the given part of the values does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
  if (value === undefined) throw new RangeError("there is nothing to take a quantile of");
  return value;
}

export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
