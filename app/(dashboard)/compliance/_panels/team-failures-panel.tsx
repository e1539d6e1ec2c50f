import Link from "next/link";
import { formatCount, formatDay } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { MOST_DUE_ROWS, type AgeingView } from "#lib/services/posture/posture-view.ts";
import { readAgeing } from "#lib/services/posture/read-ageing.ts";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { AgeingTable } from "#app/(dashboard)/compliance/_components/ageing-table.tsx";
import { BackLine } from "#app/(dashboard)/compliance/_components/back-line.tsx";
import { Due, DueTable } from "#app/(dashboard)/compliance/_components/due-table.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { SeverityMark } from "#app/(dashboard)/compliance/_components/severity-mark.tsx";
import {
  complianceHref,
  narrowed,
  ruleHref,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { resourcesWords } from "#app/(dashboard)/compliance/compliance-words.ts";
import { toFixes } from "#app/(dashboard)/compliance/fixes.ts";
import { instantOf, toFilters } from "#app/(dashboard)/compliance/search-params.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { teamHref } from "#app/(dashboard)/sprawl/hrefs.ts";

type TeamFailuresPanelProps = { context: ServiceContext; state: ComplianceState; teamKey: string };

/** One team's open failures: which fix removes the most risk for the least work, by when, and how old they have become. */
export async function TeamFailuresPanel({ context, state, teamKey }: TeamFailuresPanelProps) {
  const own = { ...state, filters: { ...state.filters, teams: [teamKey] } };
  const answer = await attempt(() =>
    readAgeing(context, { frameworkId: state.framework, asOf: instantOf(state), filters: toFilters(own) }),
  );
  if (answer.error !== null)
    return (
      <>
        <BackLine state={state} />
        <h1 className="mb-4 text-xl">{teamKey}</h1>
        <ErrorState error={answer.error} />
      </>
    );
  const view = answer.value;
  const name = view.rows.find((row) => row.teamKey === teamKey)?.teamLabel ?? teamKey;
  const path = `/compliance/team/${encodeURIComponent(teamKey)}`;
  return (
    <>
      <BackLine state={state} />
      <h1 className="text-xl">What does {name} have to mend, and by when?</h1>
      <p className="mt-1 flex flex-wrap gap-x-4 text-xs text-soft">
        <Link href={teamHref(teamKey, state.asOf)} prefetch={false} className="link">
          What {name} owns and spends
        </Link>
        <Link href={complianceHref(narrowed(own))} prefetch={false} className="link">
          Its controls
        </Link>
      </p>
      <div className="mt-3 space-y-8">
        <InstantLine state={state} now={context.now} path={path} />
        {view.rows.length === 0 ? (
          <EmptyState title="No failure is open.">
            <p>
              Nothing that {name} owns fails at this instant. What is unknown or not evaluated is counted with its
              controls.
            </p>
          </EmptyState>
        ) : (
          <>
            <Figures view={view} />
            <Part id="age" title="How old they are" of="open failures by severity and days since they failed">
              <AgeingTable rows={view.rows} dueDays={view.dueDays} at={view.at} />
            </Part>
            <Fixes view={view} state={own} />
            <Part id="due" title="One by one" of="by due date" isLong>
              <DueTable view={view} state={own} />
            </Part>
          </>
        )}
      </div>
    </>
  );
}

function Figures({ view: { rows } }: { view: AgeingView }) {
  const add = (count: (row: AgeingView["rows"][number]) => number): number =>
    rows.reduce((sum, row) => sum + count(row), 0);
  const overdue = add((row) => row.overdue);
  const soon = add((row) => row.dueSoon);
  const nextDue = rows.flatMap((row) => row.nextDue ?? []).toSorted()[0];
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 border-y border-line py-3 lg:grid-cols-4">
      <Figure
        name="Open failures"
        value={formatCount(add((row) => row.open))}
        note={`${formatCount(add((row) => row.waived))} more are waived`}
      />
      <Figure name="Overdue" value={formatCount(overdue)} isWrong={overdue > 0} />
      <Figure name="Due within seven days" value={formatCount(soon)} isWarn={soon > 0} />
      <Figure name="Next due" value={nextDue === undefined ? "none" : formatDay(dayOf(new Date(nextDue)))} />
    </dl>
  );
}

function Figure(props: { name: string; value: string; note?: string; isWrong?: boolean; isWarn?: boolean }) {
  const colour = props.isWrong === true ? "text-wrong" : props.isWarn === true ? "text-warn" : "";
  return (
    <div>
      <dt className="text-xs text-soft">{props.name}</dt>
      <dd className={`text-xl font-semibold tracking-tight tabular-nums ${colour}`}>{props.value}</dd>
      {props.note === undefined ? null : <dd className="text-xs text-soft">{props.note}</dd>}
    </div>
  );
}

function Fixes({ view, state }: { view: AgeingView; state: ComplianceState }) {
  const fixes = toFixes(view);
  return (
    <Part
      id="fixes"
      title="By effort and risk"
      of={
        view.due.length < MOST_DUE_ROWS
          ? "one rule is one fix: the worst first, then what fewest changes mend"
          : `of the first ${MOST_DUE_ROWS} by due date; one rule is one fix`
      }
    >
      <PlainTable
        caption="Fixes by effort and risk"
        rows={fixes}
        rowKey={({ ruleKey }) => ruleKey}
        columns={[
          {
            header: "Fix",
            className: "min-w-64 max-w-lg",
            cell: (fix) => (
              <Link
                href={ruleHref(state, fix.ruleKey, { verdict: "fail" })}
                prefetch={false}
                className="way-down block truncate"
              >
                {fix.title}
              </Link>
            ),
          },
          { header: "Risk", cell: (fix) => <SeverityMark severity={fix.severity} /> },
          {
            header: "Effort",
            isRight: true,
            className: "whitespace-nowrap",
            cell: (fix) => resourcesWords(fix.resources),
          },
          {
            header: "Overdue",
            isRight: true,
            cell: (fix) => (
              <span className={fix.overdue > 0 ? "font-medium text-wrong" : "text-soft"}>{fix.overdue}</span>
            ),
          },
          {
            header: "First due",
            isRight: true,
            className: "whitespace-nowrap",
            cell: (fix) => <Due dueAt={fix.firstDue} at={view.at} />,
          },
        ]}
      />
    </Part>
  );
}
