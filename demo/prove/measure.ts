/** One line of a proof: what was planted and what the product says. It holds where both are the same text. */
export type Measure = { promise: string; measure: string; expected: string; found: string };

export function holds({ expected, found }: Measure): boolean {
  return expected === found;
}
