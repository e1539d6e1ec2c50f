import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatAmount,
  formatCount,
  formatDay,
  formatDayOfMonth,
  formatExact,
  formatInstant,
  formatMoney,
  formatPeriod,
  formatTime,
} from "#lib/domain/format.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import { billingPeriod, day } from "#lib/domain/period.ts";
import { amountArbitrary } from "./arbitraries.ts";

/** Writes the narrow no-break space as "·" and the no-break space as "~", so that tests can be read. */
function visible(text: string): string {
  return text.replaceAll("\u202F", "·").replaceAll("\u00A0", "~");
}

describe("formatAmount", () => {
  test.each([
    ["0", undefined, "0.00"],
    ["12310.4", "EUR", "12·310.40"],
    ["1234567890.125", "EUR", "1·234·567·890.13"],
    ["-1234.565", "USD", "−1·234.57"],
    ["999.995", "USD", "1·000.00"],
    ["0.01", "USD", "0.01"],
    ["0.009999", "USD", "< 0.01"],
    ["-0.000000000001", "USD", "> −0.01"],
    ["-0.01", "USD", "−0.01"],
    ["1234.5", "JPY", "1·235"],
    ["0.4", "KRW", "< 1"],
    ["1.23456", "KWD", "1.235"],
  ])("%s %s reads %s", (amount, currency, expected) => {
    expect(visible(formatAmount(amount, currency))).toBe(expected);
  });

  test("a sentence carries the currency's code", () => {
    expect(visible(formatMoney("12310.4", "EUR"))).toBe("12·310.40~EUR");
  });
});

describe("formatExact", () => {
  test("keeps every decimal and at least the currency's own", () => {
    expect(visible(formatExact("-12310.400000000001"))).toBe("−12·310.400000000001");
    expect(visible(formatExact("12310.4", "EUR"))).toBe("12·310.40");
    expect(visible(formatExact("12310", "JPY"))).toBe("12·310");
  });

  test("can be read back to the same amount", () => {
    fc.assert(
      fc.property(amountArbitrary, (amount) => {
        const plain = formatExact(amount).replaceAll("\u202F", "").replace("−", "-");
        expect(toAmount(decimal(plain))).toBe(amount);
      }),
    );
  });
});

test("counts are grouped", () => {
  expect(visible(formatCount(1204311))).toBe("1·204·311");
  expect(formatCount(12)).toBe("12");
});

test("days, periods and instants are written in UTC with the month's name", () => {
  expect(formatDay(day("2026-11-09"))).toBe("9 Nov 2026");
  expect(formatDayOfMonth(day("2026-11-09"))).toBe("9 Nov");
  expect(formatPeriod(billingPeriod("2026-03"))).toBe("Mar 2026");
  expect(formatInstant("2026-11-18T08:12:59+01:00")).toBe("07:12 UTC, 18 Nov 2026");
  expect(formatTime(new Date("2026-11-18T07:12:00Z"))).toBe("07:12 UTC");
});
