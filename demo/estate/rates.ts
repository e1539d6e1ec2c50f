import { addDays, type Day, eachDay, startOf } from "#lib/domain/period.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { randomFor } from "#demo/estate/random.ts";

/** Units of each currency for one euro on a day, in ten-thousandths. */
export type RatesOfDay = { day: Day; USD: number; GBP: number; CHF: number };

/** Where the walk starts and how far it may stray, in ten-thousandths. */
const ANCHORS = { USD: 11_640, GBP: 8_620, CHF: 9_380 } as const;
const LARGEST_STEP = { USD: 45, GBP: 24, CHF: 20 } as const;
/** Days of January, May and December on which no rates are published. */
const CLOSING_DAYS = ["01-01", "05-01", "12-25", "12-26"];
/** So that the first day of the history has a rate before it, also after holidays. */
const DAYS_BEFORE_START = 10;

/** Fictional but plausible reference rates of every working day up to yesterday, oldest first. */
export function ratesOf(estate: Estate): RatesOfDay[] {
  const random = randomFor(estate.seed, "rates");
  const { start, today } = estate.calendar;
  let current = { ...ANCHORS } as { USD: number; GBP: number; CHF: number };
  // Each step is drawn towards the anchor, or a year of chance could lead anywhere.
  const step = (currency: keyof typeof ANCHORS) =>
    current[currency] +
    random.below(2 * LARGEST_STEP[currency] + 1) -
    LARGEST_STEP[currency] +
    Math.round((ANCHORS[currency] - current[currency]) / 40);
  return eachDay({ from: addDays(start, -DAYS_BEFORE_START), to: today })
    .filter((day) => ![0, 6].includes(startOf(day).getUTCDay()) && !CLOSING_DAYS.includes(day.slice(5)))
    .map((day) => {
      current = { USD: step("USD"), GBP: step("GBP"), CHF: step("CHF") };
      return { day, ...current };
    });
}
