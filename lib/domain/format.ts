import { decimal, HALF_AWAY_FROM_ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";
import { dayOf, type BillingPeriod, type Day } from "#lib/domain/period.ts";

/** U+2212, as wide as a plus sign; figures on screen never carry a hyphen. */
export const MINUS = "\u2212";

/** U+202F, the narrow no-break space: groups digits and never breaks a line. */
const GROUP = "\u202F";

/** U+00A0 between an amount and its currency. */
const NO_BREAK = "\u00A0";

const CENT_DECIMALS = 2;

/** Currencies whose smallest unit is not a hundredth (ISO 4217). */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...[
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
  ].map((currency): [string, number] => [currency, 0]),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((currency): [string, number] => [currency, 3]),
]);

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * An amount as it is read on screen: rounded to the cent, or to the currency's own smallest unit, halves away from
 * zero: "12 310.40", "−4.00". What is not zero and below the unit is "< 0.01" or "> −0.01". The currency only decides
 * the decimals; its code stands in the column's header.
 */
export function formatAmount(amount: Amount, currency?: string): string {
  const value = decimal(amount);
  const decimals = DECIMALS.get(currency ?? "") ?? CENT_DECIMALS;
  const unit = decimal(10).pow(-decimals);
  if (!value.isZero() && value.abs().lessThan(unit))
    return value.isNegative() ? `> ${MINUS}${unit.toFixed(decimals)}` : `< ${unit.toFixed(decimals)}`;
  return grouped(value.toDecimalPlaces(decimals, HALF_AWAY_FROM_ZERO), decimals);
}

/** The same with the currency's code behind it, for sentences: "12 310.40 EUR". */
export function formatMoney(amount: Amount, currency: string): string {
  return `${formatAmount(amount, currency)}${NO_BREAK}${currency}`;
}

/** An amount with every decimal that it has, and at least those of its currency. */
export function formatExact(amount: Amount, currency?: string): string {
  const value = decimal(amount);
  return grouped(value, Math.max(value.decimalPlaces(), DECIMALS.get(currency ?? "") ?? CENT_DECIMALS));
}

/** A whole number of things: "1 204 311". */
export function formatCount(count: number): string {
  return grouped(decimal(Math.round(count)), 0);
}

/** "9 Nov 2026". */
export function formatDay(value: Day): string {
  return `${formatDayOfMonth(value)} ${value.slice(0, 4)}`;
}

/** "9 Nov", where the year is plain from the context. */
export function formatDayOfMonth(value: Day): string {
  return `${Number(value.slice(8, 10))} ${monthName(value)}`;
}

/** "Mar 2026". */
export function formatPeriod(period: BillingPeriod): string {
  return `${monthName(period)} ${period.slice(0, 4)}`;
}

/** "07:12 UTC, 18 Nov 2026". Takes a Date or its ISO text. */
export function formatInstant(instant: Date | string): string {
  return `${formatTime(instant)}, ${formatDay(dayOf(new Date(instant)))}`;
}

/** "07:12 UTC". Takes a Date or its ISO text. */
export function formatTime(instant: Date | string): string {
  return `${new Date(instant).toISOString().slice(11, 16)} UTC`;
}

function monthName(value: Day | BillingPeriod): string {
  return MONTHS[Number(value.slice(5, 7)) - 1] ?? value.slice(5, 7);
}

function grouped(value: Decimal, decimals: number): string {
  const [integer = "0", fraction] = value.abs().toFixed(decimals).split(".");
  const groups = integer.replaceAll(/\B(?=(?:\d{3})+$)/g, GROUP);
  return `${value.isNegative() && !value.isZero() ? MINUS : ""}${groups}${fraction === undefined ? "" : `.${fraction}`}`;
}
