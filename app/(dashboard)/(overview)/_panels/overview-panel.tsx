import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import { addDays, dayOf, type Day } from "#lib/domain/period.ts";
import { formatAmount, formatDayOfMonth, formatExact, formatPeriod } from "#lib/domain/format.ts";
import { decimal, type Amount } from "#lib/domain/money.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { MovedRow, OverviewFigure, OverviewSection } from "#lib/services/spend/overview-view.ts";
import { readOverview } from "#lib/services/spend/read-overview.ts";
import { AgeStamp } from "#app/_components/age-stamp.tsx";
import { BarThatAddsUp } from "#app/_components/bar-that-adds-up.tsx";
import { ChangeText } from "#app/_components/change-text.tsx";
import { TrendChart } from "#app/_components/charts/trend-chart.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { Attention } from "#app/(dashboard)/(overview)/_components/attention.tsx";
import { FirstPage } from "#app/(dashboard)/(overview)/_components/first-page.tsx";

export async function OverviewPanel({ context, asOf }: { context: ServiceContext; asOf: Date | null }) {
  const answer = await attempt(() => readOverview(context, { asOf }));
  if (answer.error !== null) {
    return (
      <>
        <h1 className="mb-4 text-xl">Overview</h1>
        <ErrorState error={answer.error} />
      </>
    );
  }
  const view = answer.value;
  const canSeeSources = isAllowed(context.actor, "sources:read");
  if (!view.hasSources) return <FirstPage />;
  const isMember = context.actor.role === "member";
  return (
    <div className="space-y-8">
      <header>
        <h1 className="text-xl">
          {isMember ? "What does your team spend, and what moved?" : "What do we spend, and what needs attention?"}
        </h1>
        <div className="mt-1">
          <AgeStamp age={view.age} today={dayOf(context.now)} />
        </div>
      </header>
      {view.sections.length === 0 ? (
        <EmptyState
          title={asOf === null ? "No cost is loaded yet." : "Nothing was published by then."}
          action={
            canSeeSources ? (
              <Link href="/sources" className="link">
                See what the sources have loaded
              </Link>
            ) : undefined
          }
        />
      ) : null}
      {view.sections.map((section) => (
        <Figures key={section.currency} section={section} asOf={asOf} />
      ))}
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-2">
        {canSeeSources || view.attention.length > 0 ? (
          <Attention items={view.attention} canSeeSources={canSeeSources} />
        ) : null}
        {view.sections.slice(0, 1).map((section) => (
          <Moved key={section.currency} section={section} asOf={asOf} />
        ))}
      </div>
      {view.sections.map((section) => (
        <section key={section.currency} aria-label={`13 months, ${section.currency}`}>
          <h2 className="mb-2 text-base">
            13 months by business unit <span className="font-normal text-soft">{section.currency}, billed</span>
          </h2>
          <TrendChart
            title={`13 months by business unit, ${section.currency}`}
            trend={section.history}
            currency={section.currency}
            granularity="month"
            comparisonLabel={null}
          />
        </section>
      ))}
    </div>
  );
}

function Figures({ section, asOf }: { section: OverviewSection; asOf: Date | null }) {
  const { thisMonth, lastMonth, currency } = section;
  return (
    <section
      aria-label={`This month and last, ${currency}`}
      className="grid gap-x-10 gap-y-6 border-y border-line py-4 md:grid-cols-2"
    >
      <Figure
        label={`${formatPeriod(thisMonth.period)} so far`}
        figure={thisMonth}
        currency={currency}
        asOf={asOf}
        note={daysWords(thisMonth.from, thisMonth.to)}
      />
      <Figure label={formatPeriod(lastMonth.period)} figure={lastMonth} currency={currency} asOf={asOf} note={null} />
    </section>
  );
}

type FigureProps = { label: string; figure: OverviewFigure; currency: string; asOf: Date | null; note: string | null };

function Figure({ label, figure, currency, asOf, note }: FigureProps) {
  const compared =
    note === null
      ? formatPeriod(figure.comparedFrom.slice(0, 7) as OverviewFigure["period"])
      : daysWords(figure.comparedFrom, figure.comparedTo);
  return (
    <div>
      <h2 className="text-xs font-medium text-soft">
        {label}
        {note === null ? null : <span className="font-normal"> · {note}</span>}
      </h2>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-3">
        <Link
          href={spendLink({ period: figure.period }, asOf)}
          prefetch={false}
          className="way-down text-figure font-semibold tracking-tight"
          title={`${formatExact(figure.amount, currency)} ${currency}`}
        >
          {formatAmount(figure.amount, currency)}
        </Link>
        <span className="text-soft">{currency}</span>
        {figure.change === null ? null : (
          <span className="text-xs text-soft">
            <ChangeText change={figure.change} className="text-ink" /> against {compared}
          </span>
        )}
      </p>
      <div className="mt-3">
        <BarThatAddsUp bar={figure.bar} currency={currency} totalWord="billed" isCompact />
      </div>
    </div>
  );
}

function Moved({ section, asOf }: { section: OverviewSection; asOf: Date | null }) {
  const { moved, currency, thisMonth } = section;
  return (
    <section aria-labelledby="moved">
      <h2 id="moved" className="text-base">
        Moved most{" "}
        <span className="font-normal text-soft">
          {currency}, against {daysWords(thisMonth.comparedFrom, thisMonth.comparedTo)}
        </span>
      </h2>
      {moved.length === 0 ? (
        <p className="mt-2 text-soft">Nothing moved.</p>
      ) : (
        <ul className="mt-2 divide-y divide-line border-y border-line">
          {moved.map((row) => (
            <MovedLine
              key={`${row.dimension} ${row.key}`}
              row={row}
              currency={currency}
              period={thisMonth.period}
              asOf={asOf}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function MovedLine({
  row,
  currency,
  period,
  asOf,
}: {
  row: MovedRow;
  currency: string;
  period: string;
  asOf: Date | null;
}) {
  const filter: Record<string, string> =
    row.dimension === "team" ? { by: "service", team: row.key } : { service: row.key };
  return (
    <li className="flex items-baseline gap-3 py-1.5">
      <span className="min-w-0 flex-1">
        <Link href={spendLink({ period, ...filter }, asOf)} prefetch={false} className="way-down">
          {row.label}
        </Link>
        <span className="ml-2 text-xs text-soft">{row.dimension}</span>
        {row.driver === null ? null : <span className="block text-xs text-soft">{row.driver}</span>}
      </span>
      <span
        className="text-right whitespace-nowrap"
        title={`${formatExact(row.previous, currency)} → ${formatExact(row.amount, currency)} ${currency}`}
      >
        {signed(row.difference, currency)}
        <ChangeText change={row.change} className="ml-2 inline-block w-16 text-xs text-soft" />
      </span>
    </li>
  );
}

function signed(amount: Amount, currency: string): string {
  return `${decimal(amount).greaterThan(0) ? "+" : ""}${formatAmount(amount, currency)}`;
}

function daysWords(from: Day, to: Day): string {
  const last = addDays(to, -1);
  return from === last ? formatDayOfMonth(from) : `${formatDayOfMonth(from)} – ${formatDayOfMonth(last)}`;
}

function spendLink(params: Record<string, string>, asOf: Date | null): string {
  const search = new URLSearchParams(params);
  if (asOf !== null) search.set("asOf", asOf.toISOString());
  return `/spend?${search.toString()}`;
}
