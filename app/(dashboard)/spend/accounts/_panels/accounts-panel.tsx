import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import { comparisonRange } from "#lib/domain/comparison-range.ts";
import { formatAmount, formatCount } from "#lib/domain/format.ts";
import { addAmounts, type Amount } from "#lib/domain/money.ts";
import { dayOf } from "#lib/domain/period.ts";
import { countAccounts, filterAccounts, isAccount, providersRead } from "#lib/services/accounts/account-filters.ts";
import type { AccountsQuery, AccountsSection, AccountsView } from "#lib/services/accounts/accounts-view.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { AgeStamp } from "#app/_components/age-stamp.tsx";
import { BarThatAddsUp } from "#app/_components/bar-that-adds-up.tsx";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { accountTree, allBranches } from "#app/(dashboard)/spend/accounts/account-tree.ts";
import {
  accountKey,
  accountsHref,
  hasFilters,
  NO_FILTERS,
  withAccountFilters,
  type AccountsState,
} from "#app/(dashboard)/spend/accounts/accounts-state.ts";
import { AccountCounts } from "#app/(dashboard)/spend/accounts/_components/account-counts.tsx";
import { AccountFilterLine } from "#app/(dashboard)/spend/accounts/_components/account-filter-line.tsx";
import { AccountsTable } from "#app/(dashboard)/spend/accounts/_components/accounts-table.tsx";
import { InventoryAge, NoOrganisation } from "#app/(dashboard)/spend/accounts/_components/inventory-age.tsx";
import { UnitTreemap } from "#app/(dashboard)/spend/accounts/_components/unit-treemap.tsx";
import { toAccountsQuery } from "#app/(dashboard)/spend/accounts/search-params.ts";
import { spendHref } from "#app/(dashboard)/spend/spend-state.ts";

const BASIS_WORDS = {
  billed: "billed",
  effective: "effective cost",
  list: "at list price",
  contracted: "at contracted price",
} as const;

type AccountsPanelProps = { context: ServiceContext; state: AccountsState };

/** Filters, ages, bar and counts, then map and table of each currency. */
export async function AccountsPanel({ context, state }: AccountsPanelProps) {
  const answer = await attempt(async () => {
    const query = toAccountsQuery(state);
    return { query, view: await readAccounts(context, query) };
  });
  if (answer.error !== null) {
    return (
      <div className="mt-5">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const { query, view } = answer.value;
  const today = dayOf(context.now);
  const counts = countAccounts(view.sections);
  const shown = view.sections.map((section) => shownOf(section, state, view));
  return (
    <div className="mt-2 space-y-4">
      <AccountFilterLine state={state} units={unitOptions(view)} states={statesOf(view)} />
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div>
          <AgeStamp age={view.age} today={today} />
          <InventoryAge inventories={view.inventories} today={today} />
        </div>
        <LookSwitch state={state} />
      </div>
      {view.inventories.length === 0 ? (
        <NoOrganisation canConfigure={isAllowed(context.actor, "sources:read")} />
      ) : null}
      {counts.accounts === 0 ? (
        <EmptyState
          title="No account is known for this period."
          action={
            <Link href="/sources" className="link">
              See what the sources have loaded
            </Link>
          }
        />
      ) : (
        <>
          <Bars view={view} query={query} state={state} />
          <AccountCounts counts={counts} state={state} />
          {hasFilters(state) ? <ShownWords shown={shown} state={state} all={counts.accounts} /> : null}
          {shown.map((one) =>
            one.rows.length === 0 ? null : (
              <SectionPanel
                key={one.section.currency}
                shown={one}
                view={view}
                query={query}
                state={state}
                today={today}
                canExport={isAllowed(context.actor, "spend:export")}
                canReadTrail={isAllowed(context.actor, "activity:read")}
              />
            ),
          )}
        </>
      )}
    </div>
  );
}

type Shown = { section: AccountsSection; rows: AccountsSection["rows"]; total: Amount };

function shownOf(section: AccountsSection, state: AccountsState, { sections }: AccountsView): Shown {
  const rows = filterAccounts(section, state.filters, providersRead(sections));
  return { section, rows, total: addAmounts(rows.map((row) => row.amount)) };
}

/** Units as the tree has them, with the path so that two "Prod" are told apart. */
function unitOptions({ sections }: AccountsView): { key: string; label: string }[] {
  const read = providersRead(sections);
  const options = sections.flatMap((section) =>
    allBranches(accountTree(section.rows, section.units, read)).map(({ key, path }): [string, string] => [
      key,
      path.join(" / "),
    ]),
  );
  return [...new Map(options)].map(([key, label]) => ({ key, label }));
}

function statesOf({ sections }: AccountsView): string[] {
  const states = sections.flatMap(({ rows }) => rows.map(({ membership }) => membership?.state ?? ""));
  return [...new Set(states)].filter((state) => state !== "").toSorted();
}

function LookSwitch({ state }: { state: AccountsState }) {
  const looks = [
    { look: "units", label: "By unit" },
    { look: "list", label: "List" },
  ] as const;
  return (
    <SegmentedLinks
      label="View"
      segments={looks.map(({ look, label }) => ({
        label,
        href: accountsHref({ ...state, look, account: null }),
        isChosen: state.look === look,
      }))}
    />
  );
}

/** What all accounts spend, whichever of them are shown. A part leads to /spend, where cost is told apart by how it reached its owner. */
function Bars({ view, query, state }: { view: AccountsView; query: AccountsQuery; state: AccountsState }) {
  const kindLink = (kind: "direct" | "shared" | "unallocated"): string =>
    spendHref({ ...state.spend, groupBy: "subAccount", kinds: [kind] });
  return view.sections
    .filter(({ currency }) => currency !== "")
    .map((section) => (
      <BarThatAddsUp
        key={section.currency}
        bar={section.bar}
        currency={section.currency}
        totalWord={BASIS_WORDS[query.basis]}
        links={{ direct: kindLink("direct"), shared: kindLink("shared"), unallocated: kindLink("unallocated") }}
      />
    ));
}

function ShownWords({ shown, state, all }: { shown: Shown[]; state: AccountsState; all: number }) {
  const count = new Set(shown.flatMap(({ rows }) => rows.filter(isAccount).map(accountKey))).size;
  const clear = (
    <Link href={accountsHref({ ...state, filters: NO_FILTERS, account: null })} scroll={false} className="link">
      Show all
    </Link>
  );
  if (shown.every(({ rows }) => rows.length === 0))
    return <EmptyState title="No account matches these filters." action={clear} />;
  const amounts = shown
    .filter(({ rows, section }) => rows.length > 0 && section.currency !== "")
    .map(({ section, total }) => `${formatAmount(total, section.currency)} ${section.currency}`);
  return (
    <p role="status">
      <span className="font-medium">
        {formatCount(count)} of {formatCount(all)} accounts
      </span>{" "}
      match these filters{amounts.length === 0 ? "" : ` and cost ${amounts.join(" and ")}`}.
    </p>
  );
}

/** Of fewer accounts the table alone tells as much. */
const LEAST_DRAWN = 4;

type SectionPanelProps = {
  shown: Shown;
  view: AccountsView;
  query: AccountsQuery;
  state: AccountsState;
  today: string;
  canExport: boolean;
  canReadTrail: boolean;
};

function SectionPanel({ shown, view, query, state, today, canExport, canReadTrail }: SectionPanelProps) {
  const { section, rows, total } = shown;
  const read = providersRead(view.sections);
  return (
    <section aria-label={`Accounts in ${section.currency}`} className="space-y-4" data-rows="many">
      {view.sections.length > 1 ? (
        <h2 className="border-b border-line-strong pb-1 text-lg">{section.currency}</h2>
      ) : (
        <h2 className="sr-only">{section.currency}</h2>
      )}
      {state.look === "units" && rows.length >= LEAST_DRAWN ? (
        <UnitTreemap
          branches={allBranches(accountTree(rows, section.units, read))}
          currency={section.currency}
          hrefOf={(account) => accountsHref({ ...state, account })}
          unitHrefOf={(unit) => accountsHref(withAccountFilters(state, { unit }))}
        />
      ) : null}
      <AccountsTable
        // Another question is another table: what was opened and sorted in it goes with it, not over to the next.
        key={`${state.look} ${JSON.stringify(state.filters)}`}
        state={{ ...state, account: null }}
        rows={rows}
        units={section.units}
        read={[...read]}
        currency={section.currency}
        total={section.bar.total}
        shownTotal={total}
        hasComparison={comparisonRange(query, query.compare) !== null}
        today={today}
        canExport={canExport}
        canReadTrail={canReadTrail}
      />
    </section>
  );
}
