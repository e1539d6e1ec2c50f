import {
  addDays,
  addMonths,
  type BillingPeriod,
  type Day,
  daysIn,
  eachDay,
  eachPeriod,
  periodOf,
  rangeOf,
  startOf,
} from "#lib/domain/period.ts";

/** How large the estate's history is. */
export type EstateSize = {
  /** The current, partial day. */
  today: Day;
  /** Billing periods up to and with today's; at least 4, so that every planted event has a place. */
  months: number;
};

/** When what happens. Everything is derived from `today`, so that a demo started on any day shows it. */
export type Calendar = {
  today: Day;
  periods: BillingPeriod[];
  /** Every day from the first to today. */
  days: Day[];
  /** First day of the first period. */
  start: Day;
  /** A team changes its business unit: the last 1 March that is not in the future. */
  teamMoves: Day;
  /** Tags change their key from "Team" to "team" and renamed teams their name. */
  tagsRenamed: Day;
  /** The wellness app gets its production account. */
  accountOpens: Day;
  /** The document archive gives its standby account up. */
  accountCloses: Day;
  /** Databases are covered by a reservation that was paid upfront. */
  reservationStarts: Day;
  /** Half-open: one service of one account costs six times as much. */
  anomaly: { from: Day; to: Day };
  /** A closed month that is delivered twice. */
  restatedPeriod: BillingPeriod;
  /** The month that Google never delivered. */
  missingPeriod: BillingPeriod;
  /** A refund that is booked in this period for the month before. */
  refundPeriod: BillingPeriod;
  /** Last day, exclusive, of somebody who left the company. */
  personLeaves: Day;
};

export const MINIMUM_MONTHS = 4;
export const DEFAULT_MONTHS = 13;
const ANOMALY_DAYS = 9;
const ANOMALY_ENDS_DAYS_AGO = 2;

/** @throws RangeError where the history is too short for the planted events. */
export function calendarOf({ today, months }: EstateSize): Calendar {
  if (!Number.isInteger(months) || months < MINIMUM_MONTHS)
    throw new RangeError(`The estate needs at least ${MINIMUM_MONTHS} months.`);
  const current = periodOf(today);
  const periods = eachPeriod(addMonths(current, 1 - months), current);
  const at = (index: number) => periods[Math.min(Math.max(0, index), periods.length - 1)] ?? current;
  const march = `${today.slice(0, 4)}-03-01` as Day;
  const anomalyEnd = addDays(today, -ANOMALY_ENDS_DAYS_AGO);
  return {
    today,
    periods,
    days: eachDay({ from: rangeOf(at(0)).from, to: addDays(today, 1) }),
    start: rangeOf(at(0)).from,
    teamMoves: march <= today ? march : (`${addMonths(periodOf(march), -12)}-01` as Day),
    tagsRenamed: addDays(rangeOf(at(Math.floor(months / 2))).from, 13),
    accountOpens: addDays(rangeOf(at(Math.floor(months / 2))).from, 8),
    accountCloses: addDays(rangeOf(at(months - 5)).from, 20),
    reservationStarts: rangeOf(at(Math.floor(months / 6))).from,
    anomaly: { from: addDays(anomalyEnd, -ANOMALY_DAYS), to: anomalyEnd },
    restatedPeriod: at(months - 3),
    missingPeriod: at(Math.floor(months / 3)),
    refundPeriod: at(months - 4),
    personLeaves: addDays(rangeOf(at(Math.floor(months / 2) + 1)).from, 14),
  };
}

/** Whole days since 1970, for arithmetic. */
export function dayNumber(value: Day): number {
  return daysIn({ from: "1970-01-01" as Day, to: value });
}

const TEN_THOUSAND = 10_000;

/** What a business day's use is multiplied with, in ten-thousandths, from the calendar alone. */
export type DayFactors = { growth: number; weekend: boolean; monthEnd: boolean; partial: number };

/** Growth of 1.2 % a month in daily steps, weekends, the batch of the last two days, and what is known so far of the newest two days. */
export function dayFactors(calendar: Calendar, value: Day): DayFactors {
  const elapsed = daysIn({ from: calendar.start, to: value });
  const weekday = startOf(value).getUTCDay();
  const isToday = value === calendar.today;
  const isYesterday = addDays(value, 1) === calendar.today;
  return {
    growth: TEN_THOUSAND + elapsed * 4,
    weekend: weekday === 0 || weekday === 6,
    monthEnd: periodOf(addDays(value, 2)) !== periodOf(value),
    partial: isToday ? 3_900 : isYesterday ? 9_300 : TEN_THOUSAND,
  };
}
