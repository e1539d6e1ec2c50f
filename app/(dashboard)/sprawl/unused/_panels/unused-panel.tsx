import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import { formatAmount, formatCount, formatExact } from "#lib/domain/format.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readUnused } from "#lib/services/sprawl/read-unused.ts";
import type { UnusedView } from "#lib/services/sprawl/sprawl-view.ts";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { FacetLine } from "#app/(dashboard)/sprawl/_components/facet-line.tsx";
import { toUnusedQuery } from "#app/(dashboard)/sprawl/search-params.ts";
import { hasFilters, sprawlHref, withFilters, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { daysWords, namespacesWords, readable } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { OwnersToAsk } from "#app/(dashboard)/sprawl/unused/_components/owners-to-ask.tsx";
import { UnusedList } from "#app/(dashboard)/sprawl/unused/_components/unused-list.tsx";
import { NO_SPRAWL_FILTERS } from "#lib/services/sprawl/sprawl-view.ts";

const PATH = "/sprawl/unused";

type UnusedPanelProps = { context: ServiceContext; state: SprawlState };

/** What the unused ones cost together, whom to ask, what cannot be judged, and the list to hand out. */
export async function UnusedPanel({ context, state }: UnusedPanelProps) {
  const answer = await attempt(() => readUnused(context, toUnusedQuery(state)));
  if (answer.error !== null) {
    return (
      <div className="mt-5">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const view = answer.value;
  const { actor, now } = context;
  return (
    <div className="mt-1 space-y-6">
      <p className="text-xs text-soft">
        Judged over {view.windowDays} days of our own observation
        {view.costRange === null
          ? " · cost of namespaces not known: no cluster's bill is split yet"
          : ` · effective cost of ${daysWords(view.costRange)}`}
      </p>
      <Figures view={view} state={state} />
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1">
          <FacetLine state={state} groups={{ teams: teamsOf(view, state) }} without={["states"]} path={PATH} />
        </div>
        <AsleepSwitch state={state} />
      </div>
      {view.total === 0 ? (
        <NothingUnused view={view} state={state} />
      ) : (
        <>
          <OwnersToAsk groups={view.byTeam} state={state} />
          <UnusedList
            key={JSON.stringify({ ...state, sort: null, descending: null, offset: null })}
            state={state}
            first={view}
            may={{ overrule: isAllowed(actor, "owners:write"), exempt: isAllowed(actor, "exemptions:write") }}
            canExport={isAllowed(actor, "sprawl:export")}
            now={now.toISOString()}
          />
        </>
      )}
      <NotJudged unknown={view.unknown} state={state} windowDays={view.windowDays} />
    </div>
  );
}

/** With a filter on teams the page knows those teams only; what else there is to choose is read when it is asked for. */
function teamsOf({ byTeam }: UnusedView, state: SprawlState): UnusedView["byTeam"] {
  return state.teams.length === 0 ? byTeam : byTeam.filter(({ key }) => state.teams.includes(key));
}

function Figures({ view, state }: { view: UnusedView; state: SprawlState }) {
  const { total, costs } = view;
  return (
    <div className="flex flex-wrap items-end gap-x-12 gap-y-4 border-y border-line py-4">
      <p>
        <span className="block text-figure font-semibold tracking-tight">{formatCount(total)}</span>
        <span className="text-soft">
          {state.withAsleep ? "unused or asleep" : "unused"}
          {hasFilters(state) ? ", of those that match" : ""}
        </span>
      </p>
      {costs.map(({ amount, currency }) => (
        <p key={currency}>
          <span
            className="block text-figure font-semibold tracking-tight"
            title={`${formatExact(amount, currency)} ${currency}`}
          >
            {formatAmount(amount, currency)}
          </span>
          <span className="text-soft">{currency} in 30 days, together</span>
        </p>
      ))}
    </div>
  );
}

function AsleepSwitch({ state }: { state: SprawlState }) {
  return (
    <SegmentedLinks
      label="Which are listed"
      segments={[
        {
          label: "Unused",
          href: sprawlHref(withFilters(state, { withAsleep: false }), PATH),
          isChosen: !state.withAsleep,
        },
        {
          label: "And asleep",
          href: sprawlHref(withFilters(state, { withAsleep: true }), PATH),
          isChosen: state.withAsleep,
        },
      ]}
    />
  );
}

function NothingUnused({ view, state }: { view: UnusedView; state: SprawlState }) {
  if (hasFilters(state))
    return (
      <EmptyState
        title="No unused namespace matches these filters."
        action={
          <Link href={sprawlHref(withFilters(state, NO_SPRAWL_FILTERS), PATH)} className="link">
            Show all
          </Link>
        }
      />
    );
  return (
    <EmptyState title="No namespace is known to be unused.">
      <p>
        A namespace is unused when every sign was observed for {view.windowDays} days and none showed use. What was not
        observed for as long is not known, and never listed here.
      </p>
    </EmptyState>
  );
}

/** What is not known is not "used": how many, and what would tell. */
function NotJudged({
  unknown,
  state,
  windowDays,
}: {
  unknown: UnusedView["unknown"];
  state: SprawlState;
  windowDays: number;
}) {
  if (unknown.namespaces === 0) return null;
  const href = sprawlHref({ ...withFilters(state, { states: ["unknown"], withAsleep: false }) });
  return (
    <section aria-labelledby="not-judged">
      <h2 id="not-judged" className="text-base">
        Not judged{" "}
        <Link href={`${href}#namespaces`} prefetch={false} className="link font-normal">
          {namespacesWords(unknown.namespaces)}
        </Link>
      </h2>
      <p className="mt-1 text-soft">
        Not enough of them was observed in {windowDays} days to say whether anybody uses them. What would tell:
      </p>
      <table className="mt-2 w-full max-w-3xl text-sm">
        <caption className="sr-only">What would tell, and for how many namespaces</caption>
        <tbody>
          {unknown.reasons.map(({ reason, namespaces }) => (
            <tr key={reason} className="border-t border-line">
              <td className="py-1 pr-4">{readable(reason)}</td>
              <td className="py-1 text-right whitespace-nowrap text-soft">{namespacesWords(namespaces)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
