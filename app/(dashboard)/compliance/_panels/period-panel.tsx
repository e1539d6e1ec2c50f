import Link from "next/link";
import { Check, Hand } from "lucide-react";
import type { StripSpan } from "#lib/charts/strip.ts";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import { startOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { ControlPeriod, PosturePeriodView } from "#lib/services/posture/posture-period-view.ts";
import { readPosturePeriod } from "#lib/services/posture/read-posture-period.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { Mark } from "#app/(dashboard)/compliance/_components/mark.tsx";
import { Strip, StripLegend } from "#app/(dashboard)/compliance/_components/strip.tsx";
import { controlHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { daysWords } from "#app/(dashboard)/compliance/compliance-words.ts";
import { instantOf, toFilters } from "#app/(dashboard)/compliance/search-params.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import { rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";

type PeriodPanelProps = { context: ServiceContext; state: ComplianceState; period: string; frameworkId: string };

/** Was it compliant all the time, and if not, on how many days was it not? */
export async function PeriodPanel({ context, state, period, frameworkId }: PeriodPanelProps) {
  const answer = await attempt(() => {
    const { from, to } = rangeOfPeriod(period);
    const asked = { frameworkId, from: startOf(from), to: startOf(to), asOf: instantOf(state) };
    return readPosturePeriod(context, { ...asked, filters: toFilters(state) });
  });
  if (answer.error !== null) return <ErrorState error={answer.error} />;
  const view = answer.value;
  return (
    <>
      <Answers view={view} period={period} />
      {[...Map.groupBy(view.controls, ({ group }) => group)].map(([group, controls]) => (
        <div key={group} data-rows="many">
          <h2 className="mb-1 text-base">{group}</h2>
          <ControlTable caption={group} controls={controls} view={view} state={state} />
        </div>
      ))}
    </>
  );
}

const ANSWERS: Record<ControlPeriod["answer"], string> = {
  "all-the-time": "met all the time",
  failed: "failed at some time",
  "not-known": "not known for some of the time",
  "not-evaluated": "no rule was evaluated",
};

function Answers({ view, period }: { view: PosturePeriodView; period: string }) {
  const count = (answer: ControlPeriod["answer"]): number =>
    view.controls.filter((one) => one.answer === answer).length;
  return (
    <section aria-label="Totals" className="space-y-3">
      <p className="text-xs text-soft">
        {periodWords(period)}: {daysWords(view.days)} to {formatInstant(view.to)}, by what was known then. A failure
        counts whether it was waived or not.
      </p>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 border-y border-line py-3 lg:grid-cols-4">
        {(["failed", "not-known", "not-evaluated", "all-the-time"] as const).map((answer) => (
          <div key={answer}>
            <dt className="text-xs text-soft">Controls {ANSWERS[answer]}</dt>
            <dd className="text-xl font-semibold tracking-tight tabular-nums">
              {formatCount(count(answer))}
              <span className="text-sm font-normal text-soft"> of {formatCount(view.controls.length)}</span>
            </dd>
          </div>
        ))}
      </dl>
      <StripLegend marks={["fail", "unknown", "pass"]} />
    </section>
  );
}

type ControlTableProps = {
  caption: string;
  controls: readonly ControlPeriod[];
  view: PosturePeriodView;
  state: ComplianceState;
};

function ControlTable({ caption, controls, view, state }: ControlTableProps) {
  const end = new Date(Date.parse(view.to) - 1_000).toISOString();
  const below = { ...state, period: null, asOf: state.asOf ?? end };
  return (
    <PlainTable
      caption={caption}
      rows={controls}
      rowKey={({ id }) => id}
      columns={[
        {
          header: "Control",
          className: "w-80 max-w-80",
          cell: ({ id, title, manual }) => (
            <Link
              href={controlHref(below, view.framework.id, id)}
              prefetch={false}
              className="way-down block truncate"
              title={`${id} ${title}`}
            >
              <span className="text-soft">{id}</span> {title}
              {manual === null ? null : (
                <Hand size={12} aria-label="partly by hand" className="ml-1 inline text-soft" />
              )}
            </Link>
          ),
        },
        { header: "Compliant all the time?", className: "whitespace-nowrap", cell: (row) => <Answer row={row} /> },
        {
          header: "When",
          className: "w-[34%] min-w-48",
          cell: (row) =>
            row.answer === "not-evaluated" ? null : (
              <Strip
                spans={spansOf(row, view)}
                from={Date.parse(view.from)}
                to={Date.parse(view.to)}
                label={`${row.id}: failed on ${daysWords(row.failedDays)}, not known on ${daysWords(row.unknownDays)}`}
              />
            ),
        },
        {
          header: "Days failed",
          isRight: true,
          cell: ({ answer, failedDays }) => (answer === "not-evaluated" ? null : formatCount(failedDays)),
        },
        {
          header: "Days not known",
          isRight: true,
          cell: ({ answer, unknownDays }) => (answer === "not-evaluated" ? null : formatCount(unknownDays)),
        },
        {
          header: "Checks that failed",
          isRight: true,
          className: "whitespace-nowrap",
          cell: ({ answer, resources }) =>
            answer === "not-evaluated" ? null : (
              <>
                {formatCount(resources.failed)} <span className="text-soft">of {formatCount(resources.all)}</span>
              </>
            ),
        },
      ]}
    />
  );
}

function Answer({ row }: { row: ControlPeriod }) {
  if (row.answer === "all-the-time")
    return (
      <span className="inline-flex items-center gap-1.5">
        <Check size={14} aria-hidden className="text-accent" /> Yes
      </span>
    );
  if (row.answer === "failed")
    return (
      <span className="inline-flex items-center gap-1.5 font-medium text-wrong">
        <Mark mark="fail" /> No
      </span>
    );
  if (row.answer === "not-known")
    return (
      <span className="inline-flex items-center gap-1.5 text-warn">
        <Mark mark="unknown" /> Not known
      </span>
    );
  return <span className="text-soft">{row.manual === null ? "Not evaluated" : "By hand"}</span>;
}

/** Failures are drawn over what is not known, and both over the rest, which passed. */
function spansOf(row: ControlPeriod, view: PosturePeriodView): StripSpan[] {
  return [
    { from: Date.parse(view.from), to: Date.parse(view.to), mark: "pass" },
    ...row.unknown.map(([from, to]): StripSpan => ({ from, to, mark: "unknown" })),
    ...row.failed.map(([from, to]): StripSpan => ({ from, to, mark: "fail" })),
  ];
}
