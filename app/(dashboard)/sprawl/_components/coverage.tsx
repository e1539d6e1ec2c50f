import Link from "next/link";
import type { Panel } from "#lib/charts/time-panels.ts";
import { formatCount, formatDay } from "#lib/domain/format.ts";
import { addDays, startOf } from "#lib/domain/period.ts";
import { OWNER_STRENGTHS, type CoverageView } from "#lib/services/sprawl/sprawl-view.ts";
import { TimePanels } from "#app/_components/charts/time-panels.tsx";
import { StrengthMark } from "#app/_components/evidence-chip.tsx";
import { StrengthBar } from "#app/(dashboard)/sprawl/_components/strength-bar.tsx";
import { sprawlHref, withFilters, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { STRENGTH_LABELS } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const DAY_MS = 86_400_000;

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
  const [first] = overTime;
  const last = overTime.at(-1);
  if (first === undefined || last === undefined || overTime.length < LEAST_DAYS) return null;
  const panel: Panel = {
    title: "Namespaces that have an owner",
    unit: "%",
    kind: "lines",
    starts: overTime.map(({ day }) => startOf(day).getTime()),
    bucketMs: DAY_MS,
    series: [
      {
        key: "owned",
        label: "Namespaces that have an owner",
        colour: "var(--accent)",
        values: overTime.map(({ ownedPercent }) => ownedPercent),
      },
    ],
  };
  return (
    <details className="mt-2">
      <summary className="min-h-6 text-xs text-soft">Over time, since {formatDay(first.day)}</summary>
      <p className="text-xs text-soft">
        Of namespaces only. Of accounts and of cost the page tells how it stands now, or as of the instant that it is
        read at.
      </p>
      <TimePanels
        title="Namespaces that have an owner, percent at the end of each day"
        from={startOf(first.day).getTime()}
        to={startOf(addDays(last.day, 1)).getTime()}
        panels={[panel]}
        table={{
          head: ["Day", "Owned %", ...OWNER_STRENGTHS.map((strength) => STRENGTH_LABELS[strength])],
          rows: overTime.toReversed().map(({ day, ownedPercent, byStrength }) => ({
            name: formatDay(day),
            values: [ownedPercent, ...OWNER_STRENGTHS.map((strength) => String(byStrength[strength]))],
          })),
        }}
      />
    </details>
  );
}
