import Link from "next/link";
import type { ReactNode } from "react";
import { formatAmount, formatCount, formatDay, formatExact } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { NamespaceRow, NamespaceSort } from "#lib/services/sprawl/sprawl-view.ts";
import { OwnerBriefChip } from "#app/(dashboard)/sprawl/_components/owner-brief-chip.tsx";
import { StateMark } from "#app/(dashboard)/sprawl/_components/state-mark.tsx";
import { clusterHref, namespaceHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { agoWords, gibWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

export type NamespaceColumn = {
  id: "name" | "cluster" | "owner" | "state" | "quiet" | "age" | "pods" | "volumes" | "balancers" | "cost";
  header: string;
  headerTitle?: string;
  align?: "left" | "right";
  /** By what the server orders; none = it does not sort. */
  sort?: NamespaceSort;
  cell: (row: NamespaceRow) => ReactNode;
  className?: string;
};

type ColumnSettings = { asOf: string | null; now: Date; rows: readonly NamespaceRow[] };

/** The columns of a namespace, the same wherever namespaces are listed. On a narrow screen the first tells the rest. */
export function namespaceColumns({ asOf, now, rows }: ColumnSettings): NamespaceColumn[] {
  const currencies = new Set(rows.flatMap(({ cost }) => (cost === null ? [] : [cost.currency])));
  const [currency] = currencies.size === 1 ? currencies : [];
  return [
    {
      id: "name",
      header: "Namespace",
      sort: "name",
      cell: (row) => <Name row={row} asOf={asOf} />,
      className: "min-w-44 pl-0!",
    },
    {
      id: "cluster",
      header: "Cluster",
      sort: "cluster",
      cell: (row) => (
        <Link href={clusterHref(row.clusterKey, asOf)} prefetch={false} className="way-down">
          {row.clusterKey}
        </Link>
      ),
      className: "hidden md:table-cell whitespace-nowrap",
    },
    {
      id: "owner",
      header: "Owner",
      sort: "team",
      cell: (row) => <OwnerBriefChip row={row} asOf={asOf} />,
      className: "hidden sm:table-cell max-w-56",
    },
    {
      id: "state",
      header: "State",
      cell: (row) => <StateMark {...row} hasSince={false} />,
      className: "hidden sm:table-cell whitespace-nowrap",
    },
    {
      id: "quiet",
      header: "Quiet since",
      sort: "quiet",
      cell: (row) => <Ago instant={row.quietSince} now={now} absent="–" />,
      className: "hidden md:table-cell whitespace-nowrap",
    },
    {
      id: "age",
      header: "Made",
      sort: "age",
      cell: (row) => <Ago instant={row.createdAt} now={now} absent="not told" />,
      className: "hidden lg:table-cell whitespace-nowrap",
    },
    {
      id: "pods",
      header: "Pods",
      align: "right",
      sort: "pods",
      cell: (row) => <Known value={row.pods === null ? null : formatCount(row.pods)} />,
      className: "hidden lg:table-cell",
    },
    {
      id: "volumes",
      header: "Volumes GiB",
      align: "right",
      sort: "volumes",
      cell: (row) => <Known value={row.volumesGib === null ? null : gibWords(row.volumesGib)} />,
      className: "hidden xl:table-cell",
    },
    {
      id: "balancers",
      header: "Balancers",
      headerTitle: "Load balancers",
      align: "right",
      cell: (row) => <Known value={row.loadBalancers === null ? null : formatCount(row.loadBalancers)} />,
      className: "hidden xl:table-cell",
    },
    {
      id: "cost",
      header: currency === undefined ? "30 days" : `${currency}, 30 days`,
      headerTitle: "Effective cost of the last 30 days that were billed",
      align: "right",
      sort: "cost",
      cell: (row) => <Cost row={row} hasCurrency={currency === undefined} asOf={asOf} />,
      className: "whitespace-nowrap",
    },
  ];
}

function Name({ row, asOf }: { row: NamespaceRow; asOf: string | null }) {
  return (
    <>
      <Link href={namespaceHref(row, asOf)} prefetch={false} className="way-down inline-block min-h-6 break-all">
        {row.name}
      </Link>
      <span className="block text-xs text-soft md:hidden">{row.clusterKey}</span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs sm:hidden">
        <OwnerBriefChip row={row} asOf={asOf} />
        <StateMark {...row} hasSince={false} />
      </span>
    </>
  );
}

function Ago({ instant, now, absent }: { instant: string | null; now: Date; absent: string }) {
  if (instant === null) return <span className="text-soft">{absent}</span>;
  return (
    <time dateTime={instant}>
      {formatDay(dayOf(new Date(instant)))} <span className="text-xs text-soft">{agoWords(instant, now)}</span>
    </time>
  );
}

/** What may not be read is told as that; it is not zero. */
function Known({ value }: { value: string | null }) {
  return value === null ? <span className="text-soft">not known</span> : value;
}

function Cost({ row, hasCurrency, asOf }: { row: NamespaceRow; hasCurrency: boolean; asOf: string | null }) {
  if (row.cost === null)
    return (
      <span className="text-soft" title={`The bill of ${row.clusterKey} is not split yet.`}>
        not known
      </span>
    );
  const { amount, currency } = row.cost;
  return (
    <Link
      href={`${namespaceHref(row, asOf)}#cost`}
      prefetch={false}
      className="way-down"
      title={`${formatExact(amount, currency)} ${currency}`}
    >
      {formatAmount(amount, currency)}
      {hasCurrency ? ` ${currency}` : ""}
    </Link>
  );
}
