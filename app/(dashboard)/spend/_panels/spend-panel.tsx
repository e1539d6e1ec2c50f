import Link from "next/link";
import { comparisonRange } from "#lib/domain/comparison-range.ts";
import { dayOf, addDays, isWholeMonths, periodOf, periodsOf, type DayRange } from "#lib/domain/period.ts";
import { formatDay, formatPeriod } from "#lib/domain/format.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { CostKind, SpendQuery, SpendSection, SpendView } from "#lib/services/spend/spend-view.ts";
import { AgeStamp } from "#app/_components/age-stamp.tsx";
import { BarThatAddsUp } from "#app/_components/bar-that-adds-up.tsx";
import { TrendChart } from "#app/_components/charts/trend-chart.tsx";
import { Treemap } from "#app/_components/charts/treemap.tsx";
import { ChangeText } from "#app/_components/change-text.tsx";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { SpendTable } from "#app/(dashboard)/spend/_components/spend-table.tsx";
import { toSpendQuery } from "#app/(dashboard)/spend/search-params.ts";
import { dimensionLabel, oneLevelDown, spendHref, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";

const BASIS_WORDS = {
  billed: "billed",
  effective: "effective cost",
  list: "at list price",
  contracted: "at contracted price",
} as const;

type SpendPanelProps = { context: ServiceContext; state: SpendState; canExport: boolean };

/** Bar, trend and table of each currency. */
export async function SpendPanel({ context, state, canExport }: SpendPanelProps) {
  const answer = await attempt(async () => {
    const query = toSpendQuery(state);
    return { query, view: await readSpend(context, query) };
  });
  if (answer.error !== null) {
    return (
      <div className="mt-5">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const { query, view } = answer.value;
  return (
    <div className="mt-4 space-y-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <AgeStamp age={view.age} today={dayOf(context.now)} />
        <LookSwitch state={state} />
      </div>
      <NotConverted view={view} />
      {view.sections.length === 0 ? <NothingHere state={state} /> : null}
      {view.sections.map((section) => (
        <SectionPanel
          key={section.currency}
          section={section}
          query={query}
          state={state}
          canExport={canExport}
          isOneOfSeveral={view.sections.length > 1}
        />
      ))}
    </div>
  );
}

function LookSwitch({ state }: { state: SpendState }) {
  const looks = [
    { look: "chart", label: "Chart" },
    { look: "treemap", label: "Treemap" },
    { look: "table", label: "Table only" },
  ] as const;
  return (
    <SegmentedLinks
      label="View"
      segments={looks.map(({ look, label }) => ({
        label,
        href: spendHref({ ...state, view: look }),
        isChosen: state.view === look,
      }))}
    />
  );
}

function NotConverted({ view }: { view: SpendView }) {
  if (view.notConverted.length === 0) return null;
  return (
    <ul className="border-l-2 border-warn bg-warn-soft px-4 py-2 text-xs">
      {view.notConverted.map((entry) => (
        <li key={entry.currency}>{entry.reason}</li>
      ))}
    </ul>
  );
}

function NothingHere({ state }: { state: SpendState }) {
  const hasFilters = Object.keys(state.filters).length + state.kinds.length > 0;
  return (
    <EmptyState
      title={hasFilters ? "Nothing was spent that matches these filters." : "No cost is loaded for this period."}
      action={
        hasFilters ? (
          <Link href={spendHref({ ...state, filters: {}, kinds: [] })} className="link">
            Take all filters away
          </Link>
        ) : (
          <Link href="/sources" className="link">
            See what the sources have loaded
          </Link>
        )
      }
    />
  );
}

type SectionPanelProps = {
  section: SpendSection;
  query: SpendQuery;
  state: SpendState;
  canExport: boolean;
  isOneOfSeveral: boolean;
};

function SectionPanel({ section, query, state, canExport, isOneOfSeveral }: SectionPanelProps) {
  const compared = comparisonRange(query, query.compare);
  const noun = dimensionLabel(state.groupBy);
  const hrefs = Object.fromEntries(section.rows.map((row) => [row.key, spendHref(oneLevelDown(state, row.key))]));
  const kindLink = (kind: CostKind): string =>
    spendHref({ ...state, kinds: state.kinds.length === 1 && state.kinds[0] === kind ? [] : [kind] });
  return (
    <section aria-label={`Spend in ${section.currency}`} className="space-y-5" data-rows="many">
      {isOneOfSeveral ? <h2 className="border-b border-line-strong pb-1 text-lg">{section.currency}</h2> : null}
      <div className="space-y-1">
        <BarThatAddsUp
          bar={section.bar}
          currency={section.currency}
          totalWord={BASIS_WORDS[query.basis]}
          links={{ direct: kindLink("direct"), shared: kindLink("shared"), unallocated: kindLink("unallocated") }}
        />
        {compared === null || section.change === null ? null : (
          <p className="text-soft">
            <ChangeText change={section.change} className="text-ink" /> against {rangeWords(compared)}.
          </p>
        )}
        {section.rates.length === 0 ? null : (
          <p className="text-xs text-soft">Converted at {section.rates.join(" · ")}.</p>
        )}
      </div>
      {state.view === "chart" ? (
        <TrendChart
          title={`${noun} by ${query.granularity}, ${section.currency}`}
          trend={section.trend}
          currency={section.currency}
          granularity={query.granularity}
          comparisonLabel={compared === null ? null : rangeWords(compared)}
        />
      ) : null}
      {state.view === "treemap" ? (
        <Treemap
          currency={section.currency}
          hrefs={hrefs}
          rows={section.rows.map((row) => ({ path: [{ key: row.key, label: row.label }], amount: row.amount }))}
        />
      ) : null}
      <SpendTable
        rows={section.rows}
        hrefs={hrefs}
        noun={noun}
        isOwner={state.groupBy === "team"}
        currency={section.currency}
        total={section.bar.total}
        previousTotal={section.previousTotal}
        change={section.change}
        hasComparison={compared !== null}
        exports={canExport ? exportLinks(state) : null}
      />
    </section>
  );
}

function exportLinks(state: SpendState): { csv: string; xlsx: string } {
  const href = spendHref(state, "/api/v1/spend/export");
  const separator = href.includes("?") ? "&" : "?";
  return { csv: `${href}${separator}format=csv`, xlsx: `${href}${separator}format=xlsx` };
}

function rangeWords(range: DayRange): string {
  if (!isWholeMonths(range)) return `${formatDay(range.from)} – ${formatDay(addDays(range.to, -1))}`;
  const periods = periodsOf(range);
  const [first] = periods;
  const last = periods.at(-1);
  if (first === undefined || last === undefined) return "";
  return first === last ? formatPeriod(periodOf(range.from)) : `${formatPeriod(first)} – ${formatPeriod(last)}`;
}
