import Link from "next/link";
import { percentChange } from "#lib/domain/change.ts";
import { formatAmount, formatDay, formatInstant, formatMoney } from "#lib/domain/format.ts";
import { eachDay, type Day } from "#lib/domain/period.ts";
import { endOf, meanRangeWords, rangeWords, type CostMean } from "#lib/domain/trail/cost-around.ts";
import type { ChainCost } from "#lib/services/trail/change/chain-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { spendHref, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";

/** What the namespace or account cost a day before and after the change, with the way down to it. */
export function ChainCostPart({ cost }: { cost: ChainCost | "sign-in" | null }) {
  if (cost === "sign-in") return <p className="text-xs">None: a sign-in changes nothing that costs anything.</p>;
  if (cost === null) return <p className="text-xs">Not known: the event tells of no account and of no namespace.</p>;
  const { of, sections, madeAt, estimatedFrom } = cost;
  const name = of.kind === "namespace" ? `the namespace ${of.namespace}` : `the account ${of.accountId}`;
  return (
    <div className="space-y-2 text-xs">
      {sections.length === 0 ? (
        <p>
          Not known: no cost of {name} from {rangeWords(cost, cost.today)} is there.
        </p>
      ) : (
        sections.map((section) => <CostSection key={section.currency} cost={cost} section={section} />)
      )}
      <p className="text-soft">
        Effective cost of all of {name}, whatever it came from
        {madeAt === null ? null : <> · loaded {formatInstant(madeAt)}</>}
        {estimatedFrom === null ? null : <> · from {formatDay(estimatedFrom)} on estimated, which no mean has</>}
      </p>
      <p className="flex flex-wrap gap-x-4">
        {of.kind === "namespace" && !of.hasPage ? (
          <span className="text-soft">It has no page of its own: no inventory ever had it.</span>
        ) : null}
        {wayDown(cost).map(([label, href]) => (
          <Link key={label} href={href} prefetch={false} className="link">
            {label}
          </Link>
        ))}
      </p>
    </div>
  );
}

function CostSection({ cost, section }: { cost: ChainCost; section: ChainCost["sections"][number] }) {
  const { before, after, difference, currency, values, moves } = section;
  const days = eachDay({ from: cost.from, to: endOf(cost, cost.today) });
  return (
    <div className="space-y-1">
      <p className="flex flex-wrap items-center gap-x-3">
        <Sparkline values={values} />
        {difference === null ? null : (
          <span className="text-sm font-medium tabular-nums">
            {signed(difference)} {currency} a day{" "}
            <ChangeText change={percentChange(after.perDay ?? "0", before.perDay)} className="font-normal" />
          </span>
        )}
      </p>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-3">
        <MeanLine label="Before" mean={before} currency={currency} today={cost.today} />
        <MeanLine label="After" mean={after} currency={currency} today={cost.today} />
      </dl>
      {moves.length === 0 ? null : (
        <p>
          Moved most: {moves.map((move) => `${move.label} ${signed(move.difference)}`).join(", ")} {currency} a day.
        </p>
      )}
      <details>
        <summary className="min-h-6 text-soft">Day by day</summary>
        <table className="mt-1 w-full max-w-64 tabular-nums">
          <thead>
            <tr className="border-b border-line text-left text-soft">
              <th scope="col" className="py-0.5 font-normal">
                Day, UTC
              </th>
              <th scope="col" className="py-0.5 text-right font-normal">
                {currency}
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map((day, index) => (
              <tr key={day} className="border-b border-line">
                <td className="py-0.5">
                  {formatDay(day)}
                  {day === cost.day ? " · the change" : ""}
                </td>
                <td className="py-0.5 text-right">{amountText(values[index] ?? null, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

type MeanLineProps = { label: string; mean: CostMean; currency: string; today: Day };

function MeanLine({ label, mean, currency, today }: MeanLineProps) {
  const { days, known, perDay } = mean;
  return (
    <>
      <dt className="text-soft">{label}</dt>
      <dd className="tabular-nums">
        {perDay === null ? "not known for certain yet" : `${formatMoney(perDay, currency)} a day`}{" "}
        <span className="text-soft">
          {meanRangeWords(mean, today)}
          {perDay !== null && known < days ? `; ${known} of its ${days} days are final` : ""}
        </span>
      </dd>
    </>
  );
}

function amountText(value: string | null, currency: string): string {
  return value === null ? "not known" : formatAmount(value, currency);
}

function signed(amount: string): string {
  return `${amount.startsWith("-") ? "" : "+"}${formatAmount(amount)}`;
}

function wayDown({ of, from, to, today, sections }: ChainCost): [string, string][] {
  const isEmpty = sections.length === 0;
  const period = `${from}..${endOf({ from, to }, today)}`;
  if (of.kind === "namespace") {
    if (!of.hasPage) return [];
    const path = `/sprawl/namespaces/${encodeURIComponent(of.clusterKey)}/${encodeURIComponent(of.namespace)}`;
    return [[isEmpty ? "Its own page" : "What it is made of", withParams(path, { period, basis: "effective" })]];
  }
  const question: SpendState = {
    period,
    basis: "effective",
    groupBy: "service",
    granularity: "day",
    compare: "none",
    currency: null,
    filters: { subAccount: [of.accountId] },
    kinds: [],
    view: "chart",
    sheet: null,
    asOf: null,
  };
  return [
    ["What it is made of", spendHref(question)],
    ["Its resources", spendHref({ ...question, sheet: "resources" })],
  ];
}
