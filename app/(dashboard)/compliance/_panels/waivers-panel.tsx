import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import { formatCount, formatDay, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import { ENDING_DAYS, WAIVER_STATES, type WaiverState } from "#lib/domain/posture/waiver.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { listWaivers } from "#lib/services/waivers/list-waivers.ts";
import type { WaiversView, WaiverView } from "#lib/services/waivers/waiver-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { BackLine } from "#app/(dashboard)/compliance/_components/back-line.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { WaiverActions } from "#app/(dashboard)/compliance/_components/waiver-actions.tsx";
import { complianceHref, ruleHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { daysWords } from "#app/(dashboard)/compliance/compliance-words.ts";
import { instantOf } from "#app/(dashboard)/compliance/search-params.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";

const STATE_LABELS: Record<WaiverState, string> = {
  waiting: "Waiting",
  ending: "About to end",
  active: "In force",
  upcoming: "Not yet begun",
  expired: "Expired",
  ended: "Ended early",
  refused: "Refused",
};

type WaiversPanelProps = { context: ServiceContext; state: ComplianceState; shown: string | null };

/** Which risks are accepted, by whom, and until when; what waits for a decision comes first. */
export async function WaiversPanel({ context, state, shown }: WaiversPanelProps) {
  const chosen = WAIVER_STATES.filter((one) => one === shown);
  const answer = await attempt(() => listWaivers(context, { asOf: instantOf(state), states: chosen, ruleKey: null }));
  return (
    <>
      <BackLine state={state} />
      <h1 className="text-xl">Which risks are accepted, by whom, and until when?</h1>
      <p className="mt-1 max-w-prose text-soft">
        A waived failure is counted as failed and waived, never as passed. One person asks, another decides.
      </p>
      <div className="mt-3 space-y-4">
        <InstantLine state={state} now={context.now} path="/compliance/waivers" others={{ state: chosen[0] ?? null }} />
        {answer.error === null ? (
          <Waivers
            view={answer.value}
            state={state}
            chosen={chosen[0] ?? null}
            mayAsk={isAllowed(context.actor, "waivers:request")}
          />
        ) : (
          <ErrorState error={answer.error} />
        )}
      </div>
    </>
  );
}

type WaiversProps = { view: WaiversView; state: ComplianceState; chosen: WaiverState | null; mayAsk: boolean };

function Waivers({ view, state, chosen, mayAsk }: WaiversProps) {
  return (
    <>
      <States view={view} state={state} chosen={chosen} />
      {view.waivers.length === 0 ? (
        <EmptyState title={chosen === null ? "No risk is accepted." : `None is ${STATE_LABELS[chosen].toLowerCase()}.`}>
          <p>
            {mayAsk
              ? "A waiver is asked for on the page of a rule or of a resource that fails."
              : "Whoever runs what fails asks for a waiver; it then waits here for a decision."}
          </p>
        </EmptyState>
      ) : (
        <WaiverTable view={view} state={state} />
      )}
      {view.isCut ? (
        <p className="text-xs text-warn">There are more waivers than are listed; the newest ends come first.</p>
      ) : null}
    </>
  );
}

/** How many stand how, each a filter. */
function States({ view: { counts }, state, chosen }: Pick<WaiversProps, "view" | "state" | "chosen">) {
  const all = WAIVER_STATES.reduce((sum, one) => sum + counts[one], 0);
  const hrefOf = (one: WaiverState | null): string => complianceHref(state, "/compliance/waivers", { state: one });
  return (
    <nav aria-label="Which waivers" className="flex flex-wrap gap-x-6 gap-y-2 border-y border-line py-2">
      {[null, ...WAIVER_STATES].map((one) => {
        const count = one === null ? all : counts[one];
        const isUrgent = (one === "waiting" || one === "ending") && count > 0;
        return (
          <Link
            key={one ?? "all"}
            href={hrefOf(one)}
            scroll={false}
            prefetch={false}
            aria-current={one === chosen ? "true" : undefined}
            className={classNames(
              "way-down block border-b-2 pb-0.5",
              one === chosen ? "border-accent" : "border-transparent",
            )}
          >
            <span className={classNames("block text-lg font-semibold tabular-nums", isUrgent && "text-warn")}>
              {formatCount(count)}
            </span>
            <span className="block text-xs text-soft">{one === null ? "All" : STATE_LABELS[one]}</span>
          </Link>
        );
      })}
    </nav>
  );
}

function WaiverTable({ view, state }: { view: WaiversView; state: ComplianceState }) {
  const hasActions = view.waivers.some(({ may }) => may.decide || may.end);
  return (
    <PlainTable
      caption="Waivers"
      rows={view.waivers}
      rowKey={({ id }) => String(id)}
      columns={[
        {
          header: "Rule",
          className: "min-w-56 max-w-80",
          cell: ({ rule }) => (
            <>
              <Link
                href={ruleHref(state, rule.key, { verdict: "fail" })}
                prefetch={false}
                className="way-down block truncate"
              >
                {rule.title}
              </Link>
              <code className="block truncate text-xs text-soft">{rule.key}</code>
            </>
          ),
        },
        {
          header: "For",
          className: "min-w-32 max-w-56",
          cell: ({ scope }) => (
            <>
              <span className="block truncate" title={scope.key}>
                {scope.name}
              </span>
              {scope.kind === "all" ? null : <span className="block text-xs text-soft">{scope.kind}</span>}
            </>
          ),
        },
        { header: "Reason", className: "min-w-56 max-w-80", cell: ({ reason }) => reason },
        { header: "State", className: "whitespace-nowrap", cell: (one) => <Standing waiver={one} /> },
        {
          header: "Asked",
          cell: ({ requestedBy, requestedAt }) => <Step by={requestedBy} at={requestedAt} />,
        },
        {
          header: "Decided",
          cell: (one) =>
            one.decidedAt === null ? (
              <span className="text-soft">not yet</span>
            ) : (
              <>
                <Step by={one.decidedBy ?? ""} at={one.decidedAt} />
                {one.decisionNote === null ? null : <span className="block text-xs text-soft">{one.decisionNote}</span>}
              </>
            ),
        },
        ...(hasActions
          ? [{ header: "Decide", isRight: true, cell: (one: WaiverView) => <WaiverActions waiver={one} /> }]
          : []),
      ]}
    />
  );
}

function Standing({ waiver: { state, endsAt, endedAt, endedBy, daysLeft } }: { waiver: WaiverView }) {
  // The end is exclusive; people are told the last day that counts.
  const last = formatDay(dayOf(new Date(Date.parse(endsAt) - 1)));
  const detail: Record<WaiverState, string> = {
    waiting: `asked until ${last}`,
    ending: `${daysWords(Math.max(daysLeft, 0))} left, until ${last}`,
    active: `until ${last}`,
    upcoming: `until ${last}`,
    expired: `on ${last}, ${daysWords(Math.abs(daysLeft))} ago`,
    ended: endedAt === null ? "" : `${formatDay(dayOf(new Date(endedAt)))} by ${endedBy ?? ""}`,
    refused: `was asked until ${last}`,
  };
  return (
    <>
      <span
        className={classNames(
          state === "waiting" || state === "ending" ? "font-medium text-warn" : state === "active" && "font-medium",
        )}
      >
        {STATE_LABELS[state]}
      </span>
      <span
        className="block text-xs text-soft"
        title={state === "ending" ? `ends within ${ENDING_DAYS} days` : undefined}
      >
        {detail[state]}
      </span>
    </>
  );
}

function Step({ by, at }: { by: string; at: string }) {
  return (
    <>
      <span className="block max-w-48 truncate">{by}</span>
      <time dateTime={at} title={formatInstant(at)} className="block text-xs whitespace-nowrap text-soft">
        {formatDay(dayOf(new Date(at)))}
      </time>
    </>
  );
}
