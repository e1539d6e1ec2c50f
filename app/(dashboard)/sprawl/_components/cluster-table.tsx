import { Check, CircleAlert } from "lucide-react";
import Link from "next/link";
import { formatAmount, formatCount, formatExact, formatInstant } from "#lib/domain/format.ts";
import type { ClusterStanding, SprawlGroup } from "#lib/services/sprawl/sprawl-view.ts";
import { clusterHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { hasFilters, sprawlHref, withFilters, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { providerLabel } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { NO_SPRAWL_FILTERS } from "#lib/services/sprawl/sprawl-view.ts";

/** Clusters that are shown at once; of more the rest is folded away. */
const OPEN_UP_TO = 15;

type ClusterTableProps = { clusters: ClusterStanding[]; groups: SprawlGroup[]; state: SprawlState };

/** Every cluster with how its last look went, and what its namespaces cost. */
export function ClusterTable({ clusters, groups, state }: ClusterTableProps) {
  const byKey = new Map(groups.map((group) => [group.key, group]));
  // Groups are of what the filters leave; a table of all clusters would mix the two.
  const isWhole = !hasFilters(state);
  const table = (
    <div className="relative overflow-x-auto" role="region" aria-label="Table of clusters" tabIndex={0}>
      <table className="w-full border-collapse text-sm" data-rows="many">
        <caption className="sr-only">Clusters</caption>
        <thead>
          <tr className="border-b border-line-strong text-xs text-soft">
            <Head>Cluster</Head>
            <Head className="hidden sm:table-cell">Provider</Head>
            <Head className="hidden md:table-cell">Last look</Head>
            <Head isRight>Namespaces</Head>
            {isWhole ? (
              <Head isRight className="hidden sm:table-cell">
                Unused
              </Head>
            ) : null}
            {isWhole ? <Head isRight>Cost, 30 days</Head> : null}
          </tr>
        </thead>
        <tbody>
          {clusters.map((cluster) => (
            <Row
              key={cluster.key}
              cluster={cluster}
              group={isWhole ? (byKey.get(cluster.key) ?? null) : undefined}
              state={state}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
  return (
    <section aria-labelledby="clusters" data-rows="many">
      <h2 id="clusters" className="mb-1 text-base">
        Clusters
      </h2>
      {clusters.length <= OPEN_UP_TO ? (
        table
      ) : (
        <details>
          <summary className="min-h-6 text-soft">{formatCount(clusters.length)} clusters</summary>
          {table}
        </details>
      )}
    </section>
  );
}

function Head({
  children,
  isRight = false,
  className = "",
}: {
  children: string;
  isRight?: boolean;
  className?: string;
}) {
  return (
    <th
      scope="col"
      className={`h-8 px-2 font-medium whitespace-nowrap first:pl-0 last:pr-0 ${isRight ? "text-right" : "text-left"} ${className}`}
    >
      {children}
    </th>
  );
}

type RowProps = { cluster: ClusterStanding; group: SprawlGroup | null | undefined; state: SprawlState };

function Row({ cluster, group, state }: RowProps) {
  const only = (filters: Partial<SprawlState>): string =>
    `${sprawlHref(withFilters(state, { ...NO_SPRAWL_FILTERS, clusters: [cluster.key], ...filters }))}#namespaces`;
  return (
    <tr className="h-8 border-b border-line hover:bg-sunk">
      <th scope="row" className="py-1 pr-2 text-left font-normal">
        <Link href={clusterHref(cluster.key, state.asOf)} prefetch={false} className="way-down">
          {cluster.title}
        </Link>
      </th>
      <td className="hidden px-2 py-1 sm:table-cell">{providerLabel(cluster.provider)}</td>
      <td className="hidden px-2 py-1 md:table-cell">
        <LastLook cluster={cluster} />
      </td>
      <td className="px-2 py-1 text-right">
        <Link href={only({})} prefetch={false} className="way-down">
          {formatCount(cluster.namespaces)}
        </Link>
      </td>
      {group === undefined ? null : (
        <>
          <td className="hidden px-2 py-1 text-right sm:table-cell">
            {group === null || group.unused === 0 ? (
              <span className="text-soft">{group === null ? "–" : "0"}</span>
            ) : (
              <Link href={only({ states: ["unused"] })} prefetch={false} className="way-down">
                {formatCount(group.unused)}
              </Link>
            )}
          </td>
          <td className="py-1 pl-2 text-right whitespace-nowrap">
            {group === null || group.costs.length === 0 ? (
              <span className="text-soft">not known</span>
            ) : (
              group.costs.map(({ amount, currency }) => (
                <Link
                  key={currency}
                  href={clusterHref(cluster.key, state.asOf)}
                  prefetch={false}
                  className="way-down block"
                  title={`${formatExact(amount, currency)} ${currency}`}
                >
                  {formatAmount(amount, currency)} {currency}
                </Link>
              ))
            )}
          </td>
        </>
      )}
    </tr>
  );
}

function LastLook({ cluster }: { cluster: ClusterStanding }) {
  const { lookedAt, unknownSince, unknown } = cluster;
  if (lookedAt === null) return <span className="text-warn">not read yet</span>;
  const isWell = unknownSince === null && unknown.length === 0;
  return (
    <span className="inline-flex items-center gap-1.5">
      {isWell ? (
        <Check size={14} aria-hidden className="text-accent" />
      ) : (
        <CircleAlert size={14} aria-hidden className="text-warn" />
      )}
      <time dateTime={lookedAt}>{formatInstant(lookedAt)}</time>
      {unknownSince === null ? null : <span className="text-xs text-warn">unknown since</span>}
      {unknown.length === 0 ? null : (
        <span className="text-xs text-warn">{unknown.map(({ kind }) => kind).join(", ")} not known</span>
      )}
    </span>
  );
}
