import type { Amount } from "#lib/domain/money.ts";

/** counts: all of its accounts count here; check: none does; part: some of them are another source's. */
export type SourceRole = "counts" | "check" | "part";

export type ComparedAmounts = { billed: Amount; effective: Amount };

/** One month of two sources, over the accounts that both have. */
export type ComparedMonth = {
  period: string;
  otherKey: string;
  currency: string;
  /** How many accounts both have. */
  accounts: number;
  /** The largest difference first. */
  services: { serviceName: string; ours: ComparedAmounts; theirs: ComparedAmounts; difference: ComparedAmounts }[];
  totals: { ours: ComparedAmounts; theirs: ComparedAmounts; difference: ComparedAmounts };
};

export type SourceComparisonView = {
  sourceKey: string;
  title: string;
  role: SourceRole;
  others: { key: string; title: string; role: SourceRole }[];
  /** Newest first. */
  months: ComparedMonth[];
};
