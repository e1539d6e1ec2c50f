import type { Day } from "#lib/domain/period.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import type { BudgetView } from "#lib/services/budgets/budget-view.ts";
import type { SpendView } from "#lib/services/spend/spend-view.ts";
import type { Money, NamespacePage, OwnerStrength, SprawlGroup } from "#lib/services/sprawl/sprawl-view.ts";

export type TeamQuery = {
  teamKey: string;
  /** Half-open UTC days that spend is shown for. */
  from: Day;
  to: Day;
  /** Of the list of namespaces. */
  offset: number;
  limit: number;
  asOf: Date | null;
};

/** /teams/<key>: everything that a team owns and spends. */
export type TeamPageView = {
  asOf: string | null;
  team: {
    key: string;
    name: string;
    businessUnitName: string;
    costCentre: string;
    leadMail: string | null;
    aliases: string[];
    /** People of the directory who are in it now. */
    people: { mail: string; name: string }[];
  };
  /** By service, with the trend by day or month. */
  spend: SpendView;
  /** Those of the month that the asked days begin in, one per currency; [] = none is set. Null where the days are no whole month. */
  budgets: BudgetView[] | null;
  /** True where the reader may set them. */
  maySetBudget: boolean;
  accounts: AccountRow[];
  namespaces: NamespacePage;
  counts: {
    namespaces: number;
    unused: number;
    asleep: number;
    unknown: number;
    byStrength: Record<OwnerStrength, number>;
  };
  clusters: SprawlGroup[];
  /** Effective cost of its namespaces over 30 days. */
  namespaceCosts: Money[];
  costRange: { from: Day; to: Day } | null;
};
