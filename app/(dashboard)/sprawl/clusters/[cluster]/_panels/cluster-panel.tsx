import Link from "next/link";
import { Suspense } from "react";
import { formatCount, formatDay, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import { readCluster } from "#lib/services/clusters/read-cluster.ts";
import type { ClusterView } from "#lib/services/clusters/cluster-view.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { OwnerChip } from "#app/_components/owner-chip.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import type { BillState } from "#app/(dashboard)/sprawl/bill-state.ts";
import { ClusterAge } from "#app/(dashboard)/sprawl/_components/cluster-age.tsx";
import { Fact, Facts, Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { teamHref, withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { providerLabel } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { ClusterBillPanel } from "#app/(dashboard)/sprawl/clusters/[cluster]/_panels/cluster-bill-panel.tsx";
import { NodesPart } from "#app/(dashboard)/sprawl/clusters/[cluster]/_components/nodes-part.tsx";

const SHOWN_GAPS = 10;

type ClusterPanelProps = { context: ServiceContext; clusterKey: string; state: BillState };

/** Identity, the bill as the bar that adds up, its method, namespaces, node pools, and what was not observed. */
export async function ClusterPanel({ context, clusterKey, state }: ClusterPanelProps) {
  const asOf = state.asOf === null ? null : new Date(state.asOf);
  const answer = await attempt(() => readCluster(context, { clusterKey, asOf }));
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
    <div className="mt-1 space-y-8">
      <div className="space-y-3">
        <ClusterAge
          clusters={[view.standing]}
          costRange={view.costRange}
          today={dayOf(now)}
          canConfigure={actor.role === "admin" || actor.role === "platform"}
        />
        <Identity view={view} asOf={state.asOf} />
        <Counts view={view} asOf={state.asOf} />
      </div>
      {actor.role === "member" ? (
        // The bill of a whole cluster is not a team's own.
        <p className="text-soft">
          What your namespaces in it cost stands with{" "}
          <Link
            href={`${withParams("/sprawl", { cluster: clusterKey, asOf: state.asOf })}#namespaces`}
            className="link"
          >
            each of them
          </Link>
          .
        </p>
      ) : (
        <>
          <Suspense fallback={<Skeleton className="h-80 w-full" />}>
            <ClusterBillPanel context={context} view={view} state={state} />
          </Suspense>
          <NodesPart view={view} />
        </>
      )}
      <GapsPart gaps={view.gaps} />
    </div>
  );
}

function Identity({ view, asOf }: { view: ClusterView; asOf: string | null }) {
  const { standing, owner, accountId, accountName, region, version, firstSeenAt, sourceKey } = view;
  return (
    <Facts>
      <Fact name="Owner of its account" note={owner.confidence === null ? undefined : `${owner.confidence} confidence`}>
        <OwnerChip
          owner={owner}
          of={standing.title}
          href={owner.team === null ? undefined : teamHref(owner.team.key, asOf)}
        />
      </Fact>
      <Fact
        name="Account"
        note={accountName === null || accountName === accountId ? undefined : (accountId ?? undefined)}
      >
        {accountId === null ? (
          <span className="text-soft">not configured</span>
        ) : (
          <Link
            href={withParams("/spend/accounts", { find: accountId, asOf })}
            prefetch={false}
            className="way-down break-all"
          >
            {accountName ?? accountId}
          </Link>
        )}
      </Fact>
      <Fact name="Provider" note={region ?? undefined}>
        {providerLabel(standing.provider)}
      </Fact>
      <Fact name="Version">{version ?? <span className="text-soft">not told</span>}</Fact>
      <Fact name="First seen" note={`source ${sourceKey}`}>
        {formatDay(dayOf(new Date(firstSeenAt)))}
      </Fact>
    </Facts>
  );
}

/** How many namespaces it has and which stand out; each number leads to those that it counts. */
function Counts({ view: { counts, standing }, asOf }: { view: ClusterView; asOf: string | null }) {
  const listed = (params: Record<string, string>): string =>
    `${withParams("/sprawl", { cluster: standing.key, ...params, asOf })}#namespaces`;
  const shown = [
    { count: counts.namespaces, words: counts.namespaces === 1 ? "namespace" : "namespaces", href: listed({}) },
    {
      count: counts.unused,
      words: "unused",
      href: withParams("/sprawl/unused", { cluster: standing.key, asOf }),
    },
    { count: counts.asleep, words: "asleep", href: listed({ state: "asleep" }) },
    { count: counts.unknown, words: "not judged", href: listed({ state: "unknown" }) },
    { count: counts.unowned, words: "without an owner", href: listed({ owner: "none" }) },
  ];
  return (
    <ul aria-label="Its namespaces" className="flex flex-wrap gap-x-8 gap-y-1">
      {shown.map(({ count, words, href }) => (
        <li key={words}>
          {count === 0 ? (
            <span className="text-soft">0 {words}</span>
          ) : (
            <Link href={href} prefetch={false} className="way-down">
              <span className="font-semibold">{formatCount(count)}</span> {words}
            </Link>
          )}
        </li>
      ))}
      <li className="text-soft">
        {counts.pods === null ? "pods are not known" : `${formatCount(counts.pods)} pods run or wait`}
      </li>
    </ul>
  );
}

/** When nobody looked, or not at everything: what happened then is not known. */
function GapsPart({ gaps }: Pick<ClusterView, "gaps">) {
  return (
    <Part id="gaps" title="Not observed" of="in the last 30 days" isLong>
      {gaps.length === 0 ? (
        <p className="text-soft">It was looked at in whole all the time.</p>
      ) : (
        <PlainTable
          caption="Stretches that were not observed"
          rows={gaps}
          rowKey={({ from, reason }) => `${from} ${reason}`}
          shown={SHOWN_GAPS}
          columns={[
            {
              header: "From",
              cell: ({ from }) => <time dateTime={from}>{formatInstant(from)}</time>,
              className: "whitespace-nowrap",
            },
            {
              header: "To",
              cell: ({ to }) => (to === null ? <span className="text-warn">until now</span> : formatInstant(to)),
              className: "whitespace-nowrap",
            },
            { header: "Why", cell: ({ reason }) => reason },
          ]}
        />
      )}
    </Part>
  );
}
