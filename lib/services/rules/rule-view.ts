import type { Amount } from "#lib/domain/money.ts";
import type { AllocationRule, SharedPool } from "#lib/domain/allocation/rule.ts";

export type RuleView = AllocationRule & {
  createdAt: string;
  createdBy: string;
};

export type PoolView = SharedPool & { createdAt: string; createdBy: string };

/** What saving would do, per period and currency: "moves 12,310.40 EUR of March from unallocated to Claims". */
export type RulePreview = {
  moves: { period: string; currency: string; from: string; to: string; amount: Amount; lineItems: number }[];
  /** Open periods that would be allocated anew. */
  openPeriods: string[];
  /** Periods that finance has closed and that stay as they are, where the rule would match. */
  closedPeriods: string[];
  /** True where the roll-ups do not hold what the rule asks for (another tag or resource pattern), so that the files are read again. */
  needsFiles: boolean;
};

/** A rule as the editor sends it; ruleId null = new. */
export type RuleDraft = Omit<AllocationRule, "ruleId" | "position"> & {
  ruleId: string | null;
  position: number | null;
};
