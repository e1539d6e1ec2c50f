import type { AccountFilters } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { spendHref, spendSearch, withFilter, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";

/** The question on /spend/accounts. Everything of it stands in the URL; defaults are left out there. */
export type AccountsState = {
  /** Period, basis, comparison, currency, instant and the filters that a link from /spend brings along. */
  spend: SpendState;
  filters: AccountFilters;
  /** The accounts under their units, or one below the other. */
  look: "units" | "list";
  /** The account whose sheet is open, by `accountKey`. */
  account: string | null;
};

export const NO_FILTERS: AccountFilters = { unit: null, state: null, presence: null, owner: null, find: "" };

/** The search parameter with the account whose sheet is open. The sheet opens without asking the server. */
export const ACCOUNT_PARAMETER = "account";

export function accountKey({ provider, accountId }: Pick<AccountRow, "provider" | "accountId">): string {
  return `${provider} ${accountId}`;
}

export function hasFilters({ filters }: AccountsState): boolean {
  return Object.values(filters).some((value) => value !== null && value !== "");
}

/** The page's URL for a question; `path` for its exports. */
export function accountsHref(state: AccountsState, path = "/spend/accounts"): string {
  return `${path}?${accountsSearch(state).toString()}`;
}

/** The same question with some of the accounts' filters replaced. */
export function withAccountFilters(state: AccountsState, filters: Partial<AccountFilters>): AccountsState {
  return { ...state, filters: { ...state.filters, ...filters }, account: null };
}

/** What an account's cost is made of, on /spend; `sheet` opens its line items. */
export function accountSpendHref(state: AccountsState, accountId: string, sheet: SpendState["sheet"] = null): string {
  return spendHref({ ...withFilter(state.spend, "subAccount", [accountId]), groupBy: "service", sheet });
}

/** What trails tell of an account. */
export function accountTrailHref(accountId: string): string {
  return `/audit?${new URLSearchParams({ account: accountId }).toString()}`;
}

function accountsSearch({ spend, filters, look, account }: AccountsState): URLSearchParams {
  const params = spendSearch(spend);
  for (const name of ["unit", "state", "presence", "owner"] as const) {
    const value = filters[name];
    if (value !== null) params.set(name, value);
  }
  if (filters.find !== "") params.set("find", filters.find);
  if (look !== "units") params.set("look", look);
  if (account !== null) params.set(ACCOUNT_PARAMETER, account);
  return params;
}
