import Link from "next/link";
import type { Panel } from "#lib/charts/time-panels.ts";
import { formatCount, formatDay } from "#lib/domain/format.ts";
import { addDays, startOf, type Day } from "#lib/domain/period.ts";
import { OWNER_STRENGTHS, type CoverageView } from "#lib/services/sprawl/sprawl-view.ts";
import { TimePanels } from "#app/_components/charts/time-panels.tsx";
import { StrengthMark } from "#app/_components/evidence-chip.tsx";
import { StrengthBar } from "#app/(dashboard)/sprawl/_components/strength-bar.tsx";
import { sprawlHref, withFilters, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { STRENGTH_LABELS } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const DAY_MS = 86_400_000;

type Line = { label: string; colour: string; days: readonly { day: Day; ownedPercent: string | null }[] };

/** Of fewer days a line tells nothing. */
const LEAST_DAYS = 3;

/** How much has an owner, of each kind and of the money, and how well that is known; and how that has changed. */
export function Coverage({ coverage, state }: { coverage: CoverageView; state: SprawlState }) {
  const { namespaces, accounts, costs, overTime } = coverage;
  return (
    <section aria-labelledby="coverage">
      <h2 id="coverage" className="text-base">
        Has an owner
      </h2>
      <div className="mt-2 grid gap-x-8 gap-y-4 sm:grid-cols-2 lg:grid-cols-4">
        <StrengthBar label="namespaces" parts={namespaces.byStrength} ownedPercent={namespaces.ownedPercent} />
        {accounts.total === 0 ? null : (
          <StrengthBar label="accounts" parts={accounts.byStrength} ownedPercent={accounts.ownedPercent} />
        )}
        {costs.map(({ currency, byStrength, ownedPercent }) => (
          <StrengthBar
            key={currency}
            label={costs.length > 1 ? `the namespaces' cost in ${currency}` : "the namespaces' cost"}
            parts={byStrength}
            ownedPercent={ownedPercent}
          />
        ))}
      </div>
      <ul aria-label="Namespaces by how well their owner is known" className="mt-3 flex flex-wrap gap-x-5 gap-y-1">
        {OWNER_STRENGTHS.map((strength) => (
          <li key={strength} className="inline-flex items-center gap-1.5">
            <StrengthMark strength={strength} />
            <Link
              href={`${sprawlHref(withFilters(state, { strengths: [strength] }))}#namespaces`}
              prefetch={false}
              className="way-down"
            >
              {STRENGTH_LABELS[strength]}
            </Link>
            <span className="text-soft">{formatCount(namespaces.byStrength[strength])}</span>
          </li>
        ))}
      </ul>
      <OverTime overTime={overTime} />
    </section>
  );
}

function OverTime({ overTime }: Pick<CoverageView, "overTime">) {
  const { namespaces, accounts, costs } = overTime;
  const lines: Line[] = [
    { label: "Namespaces", colour: "var(--accent)", days: namespaces },
    { label: "Accounts", colour: "var(--series-2)", days: accounts },
    ...costs.map(({ currency, days }, index) => ({
      label: costs.length > 1 ? `The namespaces' cost in ${currency}` : "The namespaces' cost",
      colour: `var(--series-${3 + index})`,
      days,
    })),
  ].filter(({ days }) => days.length >= LEAST_DAYS);
  const all = [...new Set(lines.flatMap(({ days }) => days.map(({ day }) => day)))].toSorted();
  const [first] = all;
  const last = all.at(-1);
  if (first === undefined || last === undefined) return null;
  const percentOf = lines.map(({ days }) => new Map(days.map(({ day, ownedPercent }) => [day, ownedPercent])));
  const panel: Panel = {
    title: "What has an owner",
    unit: "%",
    kind: "lines",
    starts: all.map((day) => startOf(day).getTime()),
    bucketMs: DAY_MS,
    series: lines.map(({ label, colour }, index) => ({
      key: label,
      label,
      colour,
      values: all.map((day) => percentOf[index]?.get(day) ?? null),
    })),
  };
  return (
    <details className="mt-2">
      <summary className="min-h-6 text-xs text-soft">Over time, since {formatDay(first)}</summary>
      <p className="text-xs text-soft">
        Namespaces and their cost by the owners of each day; accounts by the claims of each day, in the directory of
        now. Cost is effective, and of days whose bill is split.
      </p>
      <TimePanels
        title="What has an owner, percent at the end of each day"
        from={startOf(first).getTime()}
        to={startOf(addDays(last, 1)).getTime()}
        panels={[panel]}
        table={{
          head: ["Day", ...lines.map(({ label }) => `${label} %`)],
          rows: all.toReversed().map((day) => ({
            name: formatDay(day),
            values: percentOf.map((percents) => percents.get(day) ?? null),
          })),
        }}
      />
    </details>
  );
}
