import Link from "next/link";
import { formatInstant, formatPeriod } from "#lib/domain/format.ts";
import { addMonths, periodOf, rangeOf, startOf } from "#lib/domain/period.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { AsOfForm } from "#app/(dashboard)/compliance/_components/as-of-form.tsx";
import { complianceHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";

type InstantLineProps = {
  state: ComplianceState;
  now: Date;
  path: string;
  others?: Record<string, string | null>;
};

/** At which instant all of it is read, always in sight: now, the ends of the last quarter and month, or any other. */
export function InstantLine({ state, now, path, others = {} }: InstantLineProps) {
  const hrefOf = (asOf: string | null): string => complianceHref({ ...state, asOf }, path, others);
  const choices = choicesOf(now);
  return (
    <div
      role="group"
      aria-label="Read as of"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs print:hidden"
    >
      <span className="text-soft">
        Read as of{" "}
        {state.asOf === null ? "now" : <strong className="font-semibold text-ink">{formatInstant(state.asOf)}</strong>}
      </span>
      {choices.map(({ label, asOf }) => (
        <Link
          key={label}
          href={hrefOf(asOf)}
          scroll={false}
          prefetch={false}
          aria-current={state.asOf === asOf ? "true" : undefined}
          className={classNames(
            "inline-flex min-h-6 items-center",
            state.asOf === asOf ? "font-medium text-accent" : "link",
          )}
        >
          {label}
        </Link>
      ))}
      <AsOfForm asOf={state.asOf} href={hrefOf(null)} />
    </div>
  );
}

/** The last instants of what is over, and now. A second before the end: what ends then is still in it. */
function choicesOf(now: Date): { label: string; asOf: string | null }[] {
  const month = periodOf(now);
  const quarterStart = addMonths(month, -((Number(month.slice(5, 7)) - 1) % 3));
  const lastSecond = (start: string): string => new Date(Date.parse(start) - 1_000).toISOString();
  const startText = (period: typeof month): string => startOf(rangeOf(period).from).toISOString();
  const lastQuarter = addMonths(quarterStart, -3);
  return [
    { label: "Now", asOf: null },
    { label: `End of ${formatPeriod(addMonths(month, -1))}`, asOf: lastSecond(startText(month)) },
    {
      label: `End of Q${Math.floor((Number(lastQuarter.slice(5, 7)) - 1) / 3) + 1} ${lastQuarter.slice(0, 4)}`,
      asOf: lastSecond(startText(quarterStart)),
    },
  ];
}
