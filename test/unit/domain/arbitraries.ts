import fc from "fast-check";
import { decimal, toAmount, type Amount, type Amounts } from "#lib/domain/money.ts";

/** Any amount that NUMERIC(38,12) holds, small and round ones more often. */
export const amountArbitrary: fc.Arbitrary<Amount> = fc
  .oneof(
    fc.tuple(fc.bigInt({ min: -1000n, max: 1000n }), fc.constantFrom(0, 2, 12)),
    fc.tuple(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), fc.constant(12)),
    fc.tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), fc.integer({ min: 0, max: 12 })),
  )
  .map(([units, decimals]) => toAmount(decimal(units).dividedBy(decimal(10).pow(decimals))));

/** Up to 40 weights, not all of them zero; equal ones are common. */
export const weightsArbitrary: fc.Arbitrary<Amount[]> = fc
  .array(
    fc.oneof(
      fc.constantFrom("0", "1", "1.5", "3"),
      amountArbitrary.map((amount) => toAmount(decimal(amount).abs())),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .filter((weights) => weights.some((weight) => weight !== "0"));

export const amountsArbitrary: fc.Arbitrary<Amounts> = fc.record({
  billed: amountArbitrary,
  effective: amountArbitrary,
  list: amountArbitrary,
  contracted: amountArbitrary,
});
