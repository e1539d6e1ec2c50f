import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readSprawl } from "#lib/services/sprawl/read-sprawl.ts";
import type { SprawlView } from "#lib/services/sprawl/sprawl-view.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { ClusterAge } from "#app/(dashboard)/sprawl/_components/cluster-age.tsx";
import { ClusterTable } from "#app/(dashboard)/sprawl/_components/cluster-table.tsx";
import { CostMap } from "#app/(dashboard)/sprawl/_components/cost-map.tsx";
import { Coverage } from "#app/(dashboard)/sprawl/_components/coverage.tsx";
import { FacetLine } from "#app/(dashboard)/sprawl/_components/facet-line.tsx";
import { GrowthChart } from "#app/(dashboard)/sprawl/_components/growth-chart.tsx";
import { KindFigures } from "#app/(dashboard)/sprawl/_components/kind-figures.tsx";
import { NamespaceTable } from "#app/(dashboard)/sprawl/_components/namespace-table.tsx";
import { NoClusters } from "#app/(dashboard)/sprawl/_components/no-clusters.tsx";
import { sumByCurrency } from "#app/(dashboard)/sprawl/money-sums.ts";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { toSprawlQuery } from "#app/(dashboard)/sprawl/search-params.ts";
import { hasFilters, sprawlHref, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { exactWords, moneyWords, namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const COLUMNS = ["name", "cluster", "owner", "state", "age", "pods", "volumes", "cost"] as const;

type SprawlPanelProps = { context: ServiceContext; state: SprawlState };

/** Counts and money by kind, growth and owners, then everything that the filters leave: as a map and as a list. */
export async function SprawlPanel({ context, state }: SprawlPanelProps) {
  const answer = await attempt(() => readSprawl(context, toSprawlQuery(state)));
  if (answer.error !== null) {
    return (
      <div className="mt-5">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const view = answer.value;
  const { actor, now } = context;
  const canConfigure = isAllowed(actor, "sources:read");
  return (
    <div className="mt-1 space-y-6">
      <ClusterAge clusters={view.clusters} costRange={view.costRange} today={dayOf(now)} canConfigure={canConfigure} />
      <KindFigures kinds={view.kinds} costRange={view.costRange} asOf={state.asOf} isMember={actor.role === "member"} />
      {view.clusters.length === 0 ? (
        <NoClusters canConfigure={canConfigure} isMember={actor.role === "member"} />
      ) : (
        <>
          <UnusedLine view={view} state={state} />
          <GrowthChart growth={view.growth} />
          <Coverage coverage={view.coverage} state={state} />
          <ClusterTable clusters={view.clusters} groups={view.groups.clusters} state={state} />
          <Namespaces
            view={view}
            state={state}
            now={now}
            may={{
              overrule: isAllowed(actor, "owners:write"),
              exempt: isAllowed(actor, "exemptions:write"),
            }}
          />
        </>
      )}
    </div>
  );
}

/** What can go, in one line; with filters the page only knows what of it they leave. */
function UnusedLine({ view, state }: { view: SprawlView; state: SprawlState }) {
  const unused = view.groups.states.find(({ key }) => key === "unused");
  const href = sprawlHref({ ...state, offset: 0, states: [] }, "/sprawl/unused");
  return (
    <p className="text-soft">
      <Link href={href} prefetch={false} className="link">
        {unused === undefined ? "Unused namespaces" : `${namespacesWords(unused.namespaces)} that nobody uses`}
      </Link>
      {unused === undefined || unused.costs.length === 0 ? null : (
        <>
          {" "}
          {unused.namespaces === 1 ? "costs" : "cost"}{" "}
          <span className="text-ink" title={exactWords(unused.costs)}>
            {moneyWords(unused.costs)}
          </span>{" "}
          in 30 days{hasFilters(state) ? ", of those that match" : ""}
        </>
      )}
      {" · "}
      <Link href={withParams("/teams", { asOf: state.asOf })} prefetch={false} className="link">
        What each team spends and owns
      </Link>
    </p>
  );
}

type NamespacesProps = { view: SprawlView; state: SprawlState; now: Date; may: { overrule: boolean; exempt: boolean } };

function Namespaces({ view, state, now, may }: NamespacesProps) {
  const { page, groups } = view;
  // Every namespace is in exactly one state, so that the states together are all that match.
  const costs = sumByCurrency(groups.states.flatMap((group) => group.costs));
  return (
    <section aria-labelledby="namespaces" className="space-y-3" data-rows="many">
      <h2 id="namespaces" className="text-base">
        {namespacesWords(page.total)}{" "}
        <span className="font-normal text-soft">
          {hasFilters(state) ? "match these filters" : "in all clusters"}
          {costs.length === 0 ? null : (
            <>
              , <span title={exactWords(costs)}>{moneyWords(costs)}</span> in 30 days
            </>
          )}
        </span>
      </h2>
      <FacetLine state={state} groups={groups} path="/sprawl" />
      <CostMap groups={groups} state={state} />
      <NamespaceTable
        // Another question is another list: what was chosen and opened in it goes with it.
        key={JSON.stringify({ ...state, sort: null, descending: null, offset: null, map: null })}
        caption="Namespaces"
        state={state}
        first={page}
        path="/sprawl"
        api="/api/v1/namespaces"
        may={may}
        now={now.toISOString()}
        columns={COLUMNS}
      />
    </section>
  );
}
