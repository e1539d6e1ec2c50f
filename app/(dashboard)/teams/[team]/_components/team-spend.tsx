import Link from "next/link";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import { daysIn, day } from "#lib/domain/period.ts";
import type { SpendSection } from "#lib/services/spend/spend-view.ts";
import type { TeamPageView } from "#lib/services/teams/team-view.ts";
import { BarThatAddsUp } from "#app/_components/bar-that-adds-up.tsx";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { TrendChart } from "#app/_components/charts/trend-chart.tsx";
import { EmptyState } from "#app/_components/ui/states.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";

const SHOWN_SERVICES = 8;

type TeamSpendProps = { view: TeamPageView; period: string; asOf: string | null };

/** What the team spends, of each currency: the bar, the trend by service, and the services that it is made of. */
export function TeamSpend({ view, period, asOf }: TeamSpendProps) {
  const { spend, team } = view;
  if (spend.sections.length === 0)
    return (
      <EmptyState
        title="Nothing is loaded that was given to this team in this period."
        action={
          <Link href="/sources" className="link">
            See what the sources have loaded
          </Link>
        }
      />
    );
  return (
    <div className="space-y-8">
      {spend.sections.map((section) => (
        <Section key={section.currency} section={section} view={view} teamKey={team.key} period={period} asOf={asOf} />
      ))}
    </div>
  );
}

type SectionProps = TeamSpendProps & { section: SpendSection; teamKey: string };

function Section({ section, view, teamKey, period, asOf }: SectionProps) {
  const { currency, bar, rows, trend } = section;
  const down = (params: Record<string, string>): string =>
    withParams("/spend", { period, by: "service", team: teamKey, basis: "effective", ...params, asOf });
  const buckets = trend.buckets.map((bucket) => day(bucket));
  const [first, second] = buckets;
  const granularity =
    first !== undefined && second !== undefined && daysIn({ from: first, to: second }) > 1 ? "month" : "day";
  return (
    <div className="space-y-5">
      <BarThatAddsUp
        bar={bar}
        currency={currency}
        totalWord="effective cost"
        links={{ direct: down({ kind: "direct" }), shared: down({ kind: "shared" }) }}
      />
      {section.change === null ? null : (
        <p className="text-soft">
          <ChangeText change={section.change} className="text-ink" /> against the period before.
        </p>
      )}
      <TrendChart
        title={`${view.team.name} by service, ${currency}`}
        trend={trend}
        currency={currency}
        granularity={granularity}
        comparisonLabel="The period before"
      />
      <PlainTable
        caption={`Services, ${currency}`}
        rows={rows}
        rowKey={({ key }) => key}
        shown={SHOWN_SERVICES}
        columns={[
          {
            header: "Service",
            cell: ({ key, label }) => (
              <Link href={down({ by: "subAccount", service: key })} prefetch={false} className="way-down">
                {label}
              </Link>
            ),
          },
          {
            header: currency,
            isRight: true,
            cell: ({ amount }) => <span title={formatExact(amount, currency)}>{formatAmount(amount, currency)}</span>,
          },
          { header: "Share %", isRight: true, cell: ({ sharePercent }) => sharePercent ?? "–" },
          {
            header: "Change",
            isRight: true,
            cell: ({ change }) => <ChangeText change={change} />,
            className: "hidden sm:table-cell",
          },
          {
            header: "Course",
            isRight: true,
            cell: ({ spark }) => <Sparkline values={spark} />,
            className: "hidden md:table-cell w-24",
          },
        ]}
      />
    </div>
  );
}
