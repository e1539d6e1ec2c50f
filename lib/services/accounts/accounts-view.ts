import type { Amount } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";
import type { AgeStamp, BarThatAddsUp, SpendQuery } from "#lib/services/spend/spend-view.ts";

/** What is asked of /spend/accounts; of the filters only those of account, billing account, provider and owner count. */
export type AccountsQuery = Pick<SpendQuery, "from" | "to" | "basis" | "compare" | "currency" | "filters" | "asOf">;

/** Where an account is known from. */
export type AccountPresence = "both" | "cost-only" | "organisation-only";

/** One account with what it spends in one currency. */
export type AccountRow = {
  provider: string;
  accountId: string;
  name: string;
  presence: AccountPresence;
  /** As the organisation says; null = no organisation that we read lists it. */
  membership: {
    /** "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED", ... as the provider writes it. */
    state: string;
    /** When we first saw it in this state, ISO 8601; it was the first look where `isFirstLook`. */
    stateSeenAt: string;
    isFirstLook: boolean;
    /** ISO 8601; null where the provider does not tell it. */
    joinedAt: string | null;
    joinedMethod: string | null;
    isManagement: boolean;
    mail: string;
    /** Null where they may not be read. */
    tags: Record<string, string> | null;
    /** Services that it administers for the organisation; null where they may not be read. */
    delegatedServices: string[] | null;
    /** Units from the root down: ["Root", "Workloads", "Prod"]. */
    unitNames: string[];
    unitId: string;
  } | null;
  owner: OwnerView;
  amount: Amount;
  /** In the range compared with; null without a comparison. */
  previous: Amount | null;
  /** Percent with sign and one decimal, as SpendRow has it. */
  change: string | null;
  /** Amount per bucket; null = nothing was loaded. */
  spark: (Amount | null)[];
};

/** A unit with what all accounts below it spend. The rows' `unitId` leads here. */
export type UnitNode = {
  /** "" = accounts of no organisation. */
  unitId: string;
  parentId: string | null;
  name: string;
  path: string;
  /** Accounts in it and below it. */
  accounts: number;
  amount: Amount;
};

export type AccountsSection = {
  currency: string;
  bar: BarThatAddsUp;
  previousTotal: Amount | null;
  /** Percent with sign and one decimal, as SpendRow has it. */
  change: string | null;
  buckets: Day[];
  /** Parents before children, siblings by amount. */
  units: UnitNode[];
  rows: AccountRow[];
};

export type AccountsView = {
  asOf: string | null;
  from: Day;
  to: Day;
  /** Largest currency first. Accounts without any cost stand in the first. */
  sections: AccountsSection[];
  /** Every organisation that was read: when, and what could not be read. */
  inventories: { source: string; readAt: string; unknown: { what: string; action: string }[] }[];
  age: AgeStamp;
};
