import type { Amount, Amounts, CostBasis } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";

/** What spend can be filtered and grouped by. Tags are "tag:<normalised key>". */
export const SPEND_DIMENSIONS = [
  "businessUnit",
  "team",
  "costCentre",
  "provider",
  "billingAccount",
  "subAccount",
  "serviceCategory",
  "service",
  "region",
  "environment",
  "chargeCategory",
] as const;
export type SpendDimension = (typeof SPEND_DIMENSIONS)[number] | `tag:${string}`;

/** How a cost reached where it is: given directly, a share of a pool, or nobody's. */
export type CostKind = "direct" | "shared" | "unallocated";

/** The question, as it stands in the URL. */
export type SpendQuery = {
  /** Half-open UTC days. */
  from: Day;
  to: Day;
  basis: CostBasis;
  groupBy: SpendDimension;
  granularity: "day" | "month";
  compare: "none" | "previous" | "year";
  /** Reporting currency; null = every currency by itself. */
  currency: string | null;
  /** Any of the values within a dimension, all dimensions together. "" as a value means "none given". */
  filters: Partial<Record<SpendDimension, string[]>>;
  kinds: CostKind[];
  /** Read what was published at this instant; null = now. */
  asOf: Date | null;
};

/** owners | shared | idle | unallocated, and the provider's bill beside it. Amounts in the section's currency. */
export type BarThatAddsUp = {
  direct: Amount;
  shared: Amount;
  idle: Amount;
  unallocated: Amount;
  /** The sum of the four. */
  total: Amount;
  /** What the source itself totals for the same whole periods, from the run's control totals; null where a filter, a day range or a conversion leaves no such total. */
  controlTotal: Amount | null;
  /** total − controlTotal; "0" = agrees to the last decimal; null where there is nothing to compare with. */
  difference: Amount | null;
  /** (direct + shared) ÷ total in percent with one decimal; null where total is zero. */
  coveragePercent: string | null;
};

export type TrendSeries = {
  /** Bucket starts, "2026-03-01", ascending, without holes. */
  buckets: Day[];
  /** Largest first; at most 8 and then "the rest" with key null. A null value is a gap: nothing was loaded for it. */
  series: { key: string | null; label: string; values: (Amount | null)[] }[];
  /** Total of the comparison period, aligned by position; null where none is asked. */
  comparison: (Amount | null)[] | null;
  /** From this bucket on the provider's figures may still change; null = none. */
  estimatedFrom: Day | null;
};

export type SpendRow = {
  /** The dimension's value: a filter on it shows what it is made of. "" = none given / nobody. */
  key: string;
  label: string;
  /** A second line: business unit of a team, id of an account. */
  detail: string | null;
  amount: Amount;
  /** Of the section's total, percent with one decimal. */
  sharePercent: string | null;
  direct: Amount;
  shared: Amount;
  /** Same row in the comparison period; null where no comparison is asked, "0" where it was not there. */
  previous: Amount | null;
  /** Percent with sign, one decimal; "new", "gone", or null where no comparison is asked. */
  change: string | null;
  /** Amount per bucket of the trend; null = gap. */
  spark: (Amount | null)[];
};

export type SpendSection = {
  currency: string;
  /** Where converted: the rates used, "1 EUR = 1.0843 USD (2026-10-30)". */
  rates: string[];
  bar: BarThatAddsUp;
  previousTotal: Amount | null;
  change: string | null;
  trend: TrendSeries;
  rows: SpendRow[];
};

/** How old a panel's figures are and what is missing from them, by name. */
export type AgeStamp = {
  /** When the newest figures shown were published; null = nothing yet. */
  publishedAt: string | null;
  /** Last complete UTC day that every source delivered; null = nothing yet. */
  completeTo: Day | null;
  /** Days from here on are estimates. */
  estimatedFrom: Day | null;
  /** Expected slices that are not loaded: source title and period. */
  missing: { source: string; period: string }[];
  /** Slices whose last pull failed: older figures are shown. */
  stale: { source: string; period: string; message: string }[];
};

export type SpendView = {
  asOf: string | null;
  from: Day;
  to: Day;
  /** One per currency, largest first; one only with a reporting currency. */
  sections: SpendSection[];
  age: AgeStamp;
  /** Currencies that could not be converted, with the reason. */
  notConverted: { currency: string; reason: string }[];
};

/** The values a filter can take in the period, for its chip. */
export type FilterOption = { key: string; label: string; detail: string | null };

/** A raw line item with the FOCUS columns as the file has them. */
export type LineItemPage = {
  columns: string[];
  rows: Record<string, string | null>[];
  /** All that match, not just this page. */
  count: number;
  totals: Amounts;
  currency: string;
  /** Set where the files have changed since the figures were published. */
  note: string | null;
};

/** Line items summed by resource. */
export type ResourceRow = {
  resourceId: string;
  resourceName: string;
  resourceType: string;
  amount: Amount;
  lineItems: number;
};

export type UnallocatedView = {
  currency: string;
  total: Amount;
  unallocated: Amount;
  coveragePercent: string | null;
  /** Largest first, by what could be made a rule of. */
  accounts: { provider: string; subAccountId: string; name: string; amount: Amount; lineItems: number }[];
  services: { provider: string; serviceName: string; amount: Amount; lineItems: number }[];
  tags: { key: string; value: string; amount: Amount; lineItems: number }[];
};
