import { Decimal } from "decimal.js";
import type { Locator } from "@playwright/test";

// As many digits as the product itself keeps; the sum of a year's costs must not be rounded by the test.
const Exact = Decimal.clone({ precision: 60 });

/** An amount as a page or a file writes it: digits in groups, a real minus, a currency code behind it. */
export function amountOf(text: string | null): Decimal {
  const plain = (text ?? "")
    .replaceAll(/[\s\u202F\u00A0]|[A-Z]{3}$/g, "")
    .replace("\u2212", "-")
    .replace(/[A-Z]{3}$/, "");
  return new Exact(plain);
}

/** The sum, to the last decimal. */
export function sumOf(values: Iterable<string | Decimal>): Decimal {
  let sum = new Exact(0);
  for (const value of values) sum = sum.plus(value);
  return sum;
}

/** With every decimal, as the title of an amount has it. */
export async function exactAmount(locator: Locator): Promise<Decimal> {
  return amountOf(await locator.getAttribute("title"));
}
