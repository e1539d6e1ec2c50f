import type { Amount } from "#lib/domain/money.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";

/** A billing period that holds cost, and whether rule changes still touch it. */
export type PeriodView = {
  period: BillingPeriod;
  state: "open" | "closed";
  closedAt: string | null;
  closedBy: string | null;
  /** Billed cost and what of it has no owner, per currency, largest first. */
  totals: { currency: string; billed: Amount; unallocated: Amount; coveragePercent: string | null }[];
};
