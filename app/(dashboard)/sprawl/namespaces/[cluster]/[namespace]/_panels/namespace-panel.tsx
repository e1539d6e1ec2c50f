import Link from "next/link";
import { Suspense } from "react";
import { formatAmount, formatDay, formatExact, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import { readNamespace } from "#lib/services/namespaces/read-namespace.ts";
import { OwnerChip } from "#app/_components/owner-chip.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import type { BillState } from "#app/(dashboard)/sprawl/bill-state.ts";
import { ClusterAge } from "#app/(dashboard)/sprawl/_components/cluster-age.tsx";
import { Fact, Facts } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { StateMark } from "#app/(dashboard)/sprawl/_components/state-mark.tsx";
import { clusterHref, teamHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { agoWords, daysWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import {
  ContentParts,
  SeenThen,
} from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/content-parts.tsx";
import { HistoryParts } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/history-parts.tsx";
import { OwnerPart } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/owner-part.tsx";
import { UsePart } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/use-part.tsx";
import { AccessParts } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/access-parts.tsx";
import { NamespaceCostPanel } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_panels/namespace-cost-panel.tsx";
import { NamespaceEventsPanel } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_panels/namespace-events-panel.tsx";

type NamespacePanelProps = {
  context: ServiceContext;
  address: { clusterKey: string; name: string; uid: string | undefined };
  state: BillState;
};

/** Identity, cost over time, evidence, guardrails, workloads, who may do what, history: in this order. */
export async function NamespacePanel({ context, address, state }: NamespacePanelProps) {
  const { clusterKey, name, uid } = address;
  const asOf = state.asOf === null ? null : new Date(state.asOf);
  const answer = await attempt(() =>
    readNamespace(context, { clusterKey, ...(uid === undefined ? { name } : { uid }), asOf }),
  );
  if (answer.error !== null) {
    return (
      <div className="mt-5">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const view = answer.value;
  return (
    <div className="mt-1 space-y-8">
      <div className="space-y-3">
        <ClusterAge
          clusters={[view.cluster]}
          costRange={view.costRange}
          today={dayOf(context.now)}
          canConfigure={context.actor.role === "admin" || context.actor.role === "platform"}
        />
        <Standing view={view} />
        <Identity view={view} now={context.now} asOf={state.asOf} />
      </div>
      <Suspense fallback={<Skeleton className="h-80 w-full" />}>
        <NamespaceCostPanel context={context} row={view.row} state={state} costRange={view.costRange} uid={uid} />
      </Suspense>
      <div className="grid gap-x-10 gap-y-8 xl:grid-cols-2">
        <OwnerPart view={view} />
        <UsePart view={view} />
      </div>
      <SeenThen view={view} />
      {asOf !== null && view.contentSeenAt === null ? null : <AccessParts view={view} />}
      <ContentParts view={view} now={context.now} />
      <HistoryParts view={view} asOf={state.asOf} />
      <Suspense fallback={<Skeleton className="h-40 w-full" />}>
        <NamespaceEventsPanel context={context} clusterKey={clusterKey} namespace={name} />
      </Suspense>
    </div>
  );
}

/** What a reader must know before reading on: it is gone, or about to be. */
function Standing({ view: { goneAt, phase, finalizers, row } }: { view: NamespaceView }) {
  if (goneAt !== null)
    return (
      <p className="border-l-2 border-line-strong bg-sunk px-4 py-2">
        It is gone since {formatInstant(goneAt)}. What is shown was seen before.
      </p>
    );
  if (phase !== "Terminating") return null;
  return (
    <p className="border-l-2 border-warn bg-warn-soft px-4 py-2">
      {row.name} is being deleted
      {finalizers.length === 0 ? "." : `, and waits for ${finalizers.join(", ")}.`}
    </p>
  );
}

function Identity({ view, now, asOf }: { view: NamespaceView; now: Date; asOf: string | null }) {
  const { row, owner, cluster, cost, costRange } = view;
  const { createdAt } = row;
  return (
    <Facts>
      <Fact name="Owner" note={owner.confidence === null ? undefined : `${owner.confidence} confidence`}>
        <OwnerChip
          owner={owner}
          of={row.name}
          href={owner.team === null ? undefined : teamHref(owner.team.key, asOf)}
        />
      </Fact>
      <Fact name="Cost in 30 days" note={costRange === null ? undefined : `effective, ${daysWords(costRange)}`}>
        {cost === null ? (
          <span className="text-soft">not known: the bill of {row.clusterKey} is not split yet</span>
        ) : (
          <a href="#cost" className="way-down font-semibold" title={formatExact(cost.amount, cost.currency)}>
            {formatAmount(cost.amount, cost.currency)} {cost.currency}
          </a>
        )}
      </Fact>
      <Fact name="Use">
        <StateMark {...row} />
      </Fact>
      <Fact
        name="Cluster"
        note={[cluster.region, cluster.version].filter((part) => part !== null).join(", ") || undefined}
      >
        <Link href={clusterHref(row.clusterKey, asOf)} prefetch={false} className="way-down">
          {cluster.title}
        </Link>
      </Fact>
      <Fact
        name="Made"
        note={
          createdAt === null
            ? `first seen ${formatDay(dayOf(new Date(row.firstSeenAt)))}`
            : `${agoWords(createdAt, now)} ago`
        }
      >
        {createdAt === null ? (
          <span className="text-soft">not told</span>
        ) : (
          <time dateTime={createdAt}>{formatDay(dayOf(new Date(createdAt)))}</time>
        )}
      </Fact>
    </Facts>
  );
}
