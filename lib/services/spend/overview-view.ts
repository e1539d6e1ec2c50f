import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod, Day } from "#lib/domain/period.ts";
import type { AgeStamp, BarThatAddsUp, TrendSeries } from "#lib/services/spend/spend-view.ts";

/** One figure of the first row: what a month has cost, and what it is compared with. Billed cost. */
export type OverviewFigure = {
  period: BillingPeriod;
  /** Half-open UTC days that are counted: the current month ends after the last day that every source delivered. */
  from: Day;
  to: Day;
  amount: Amount;
  /** The same days of the month before, or the whole month before. */
  comparedFrom: Day;
  comparedTo: Day;
  previous: Amount | null;
  /** Percent with sign, "new", "gone"; null where there is nothing to compare with. */
  change: string | null;
  bar: BarThatAddsUp;
};

/** A team or service whose cost moved, this month so far against the same days of the month before. */
export type MovedRow = {
  dimension: "team" | "service";
  key: string;
  label: string;
  amount: Amount;
  previous: Amount;
  /** amount − previous. */
  difference: Amount;
  change: string | null;
  /** What moved it, in words: "EC2 in eu-central-1, account claims-prod, +4 120.00 since 9 Nov"; null = unknown. */
  driver: string | null;
};

export type OverviewSection = {
  currency: string;
  thisMonth: OverviewFigure;
  lastMonth: OverviewFigure;
  /** At most five, by the size of the difference. */
  moved: MovedRow[];
  /** The last 13 months by business unit, the current one included. */
  history: TrendSeries;
};

/** Something that wants a person. Most urgent first, at most five. */
export type AttentionItem = {
  kind: "failed" | "stale" | "missing" | "unallocated" | "findings" | "anomaly";
  /** One short sentence: "AWS Data Export: March 2026 is missing". */
  title: string;
  detail: string | null;
  amount: Amount | null;
  currency: string | null;
  /** Where it is dealt with. */
  target:
    | { page: "sources"; sourceKey: string }
    | { page: "unallocated" }
    | { page: "heads" }
    | { page: "spend"; team: string | null; service: string | null };
};

export type OverviewView = {
  asOf: string | null;
  /** False where no source is configured: the first page explains how to go on. */
  hasSources: boolean;
  /** One per currency, largest first. */
  sections: OverviewSection[];
  attention: AttentionItem[];
  age: AgeStamp;
};
