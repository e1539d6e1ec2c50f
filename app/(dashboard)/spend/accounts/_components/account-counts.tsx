import Link from "next/link";
import { formatAmount, formatCount } from "#lib/domain/format.ts";
import type { AccountCounts as Counts, AccountFilters } from "#lib/services/accounts/account-filters.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import {
  accountsHref,
  NO_FILTERS,
  withAccountFilters,
  type AccountsState,
} from "#app/(dashboard)/spend/accounts/accounts-state.ts";

type Count = {
  count: number;
  words: string;
  detail: string | null;
  isWrong: boolean;
  filters: Partial<AccountFilters>;
};

/** How many accounts there are and how many stand out; each number shows the accounts that it counts. */
export function AccountCounts({ counts, state }: { counts: Counts; state: AccountsState }) {
  return (
    <ul
      aria-label="How many accounts"
      className="grid grid-cols-2 gap-x-6 gap-y-3 border-y border-line py-3 sm:grid-cols-3 xl:grid-cols-5"
    >
      {countsOf(counts).map((one) => (
        <li key={one.words}>
          <CountLink count={one} state={state} />
        </li>
      ))}
    </ul>
  );
}

function countsOf(counts: Counts): Count[] {
  const nobody = counts.accounts - counts.owned;
  const { inactiveSpending: spending } = counts;
  return [
    {
      count: counts.accounts,
      words: counts.accounts === 1 ? "account" : "accounts",
      detail: counts.notRead === 0 ? null : `no organisation is read of ${formatCount(counts.notRead)}`,
      isWrong: false,
      filters: NO_FILTERS,
    },
    {
      count: nobody,
      words: "without an owner",
      detail: `${formatCount(counts.owned)} with one`,
      isWrong: false,
      filters: { ...NO_FILTERS, owner: "nobody" },
    },
    {
      count: counts.inactive,
      words: "suspended or closed",
      detail:
        spending.accounts === 0
          ? null
          : `${formatCount(spending.accounts)} still cost ${amountWords(spending.amounts)}`,
      isWrong: spending.accounts > 0,
      filters: { ...NO_FILTERS, state: "inactive" },
    },
    {
      count: counts.costOnly,
      words: counts.costOnly === 1 ? "costs, but is not in the organisation" : "cost, but are not in the organisation",
      detail: null,
      isWrong: counts.costOnly > 0,
      filters: { ...NO_FILTERS, presence: "cost-only" },
    },
    {
      count: counts.organisationOnly,
      words: "in the organisation without cost",
      detail: null,
      isWrong: false,
      filters: { ...NO_FILTERS, presence: "organisation-only" },
    },
  ];
}

function amountWords(amounts: Counts["inactiveSpending"]["amounts"]): string {
  return amounts.map(({ currency, amount }) => `${formatAmount(amount, currency)} ${currency}`).join(" and ");
}

function CountLink({ count: one, state }: { count: Count; state: AccountsState }) {
  const target = withAccountFilters(state, one.filters);
  const isShown = accountsHref(target) === accountsHref({ ...state, account: null });
  const body = (
    <>
      <span className="block text-lg font-semibold">{formatCount(one.count)}</span>
      <span className="block">{one.words}</span>
    </>
  );
  return (
    <>
      {one.count === 0 ? (
        <span className="block text-soft">{body}</span>
      ) : (
        <Link
          href={accountsHref(target)}
          scroll={false}
          prefetch={false}
          aria-current={isShown ? "true" : undefined}
          className={classNames("way-down block", isShown && "text-accent!")}
        >
          {body}
        </Link>
      )}
      {one.detail === null ? null : (
        <span className={classNames("block text-xs", one.isWrong ? "font-medium text-warn" : "text-soft")}>
          {one.detail}
        </span>
      )}
    </>
  );
}
