import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { PeriodForm } from "#app/(dashboard)/compliance/_components/period-form.tsx";
import { complianceHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";

const QUARTERS = 5;

/** Over which days: the last quarters, this year, or any others. By what was known at its end, unless an instant is set. */
export function PeriodPicker({ state, now }: { state: ComplianceState; now: Date }) {
  return (
    <div
      role="group"
      aria-label="Over which period"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs print:hidden"
    >
      {choicesOf(now).map((period) => (
        <Link
          key={period}
          href={complianceHref({ ...state, period })}
          scroll={false}
          prefetch={false}
          aria-current={state.period === period ? "true" : undefined}
          className={classNames(
            "inline-flex min-h-6 items-center",
            state.period === period ? "font-medium text-accent" : "link",
          )}
        >
          {periodWords(period)}
        </Link>
      ))}
      <PeriodForm period={state.period} href={complianceHref({ ...state, period: null })} />
      <span className="text-soft">
        {state.asOf === null ? "by what was known at its end" : `as far as it had been at ${formatInstant(state.asOf)}`}
      </span>
    </div>
  );
}

/** This quarter and those before it, newest first, and this year. */
function choicesOf(now: Date): string[] {
  const current = now.getUTCFullYear() * 4 + Math.floor(now.getUTCMonth() / 3);
  const quarters = Array.from({ length: QUARTERS }, (_, index) => {
    const quarter = current - index;
    return `${Math.floor(quarter / 4)}-Q${(quarter % 4) + 1}`;
  });
  return [...quarters, String(now.getUTCFullYear())];
}
