"use client";

import Link from "next/link";
import { useMemo } from "react";
import { compareText } from "#lib/charts/compare-text.ts";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import { addAmounts, decimal, type Amount } from "#lib/domain/money.ts";
import type { ClusterBillSection, ClusterNamespaceRow } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";
import { namespaceHref, teamHref } from "#app/(dashboard)/sprawl/hrefs.ts";

type BillNamespacesProps = {
  section: Pick<ClusterBillSection, "currency" | "namespaces">;
  clusterKey: string;
  asOf: string | null;
};

/** What each namespace of the cluster costs, what of it is direct, idle and shared, and how well it uses what it asks for. */
export function BillNamespaces({ section, clusterKey, asOf }: BillNamespacesProps) {
  const { currency, namespaces } = section;
  const columns = useMemo(
    () => columnsOf({ currency, namespaces, clusterKey, asOf }),
    [currency, namespaces, clusterKey, asOf],
  );
  return (
    <DataTable
      caption={`Namespaces of ${clusterKey} by cost, ${currency}`}
      columns={columns}
      rows={namespaces}
      rowKey={(row) => `${row.uid ?? ""} ${row.namespace}`}
      sortBy={{ id: "amount", desc: true }}
      pageSize={50}
      filterLabel="Find namespace"
      exportName={`${clusterKey}-namespaces-${currency}`}
      hasTotal
    />
  );
}

type Settings = { currency: string; namespaces: ClusterNamespaceRow[]; clusterKey: string; asOf: string | null };

function columnsOf({ currency, namespaces, clusterKey, asOf }: Settings): TableColumn<ClusterNamespaceRow>[] {
  const money = (
    id: "amount" | "direct" | "idle" | "shared",
    header: string,
    className?: string,
  ): TableColumn<ClusterNamespaceRow> => ({
    id,
    header,
    align: "right",
    text: (row) => row[id],
    compare: (a, b) => decimal(a[id]).comparedTo(b[id]),
    cell: (row) => <Money amount={row[id]} currency={currency} />,
    total: <Money amount={addAmounts(namespaces.map((row) => row[id]))} currency={currency} />,
    className: `whitespace-nowrap ${className ?? ""}`,
  });
  return [
    {
      id: "name",
      header: "Namespace",
      text: (row) => row.namespace,
      compare: (a, b) => compareText(a.namespace, b.namespace),
      cell: (row) => (
        <>
          <Link
            href={namespaceHref({ clusterKey, name: row.namespace }, asOf)}
            prefetch={false}
            className="way-down break-all"
          >
            {row.namespace}
          </Link>
          {row.isShared ? (
            <span
              className="ml-1.5 text-xs text-soft"
              title={`The others took over ${formatExact(row.given, currency)} ${currency} of it`}
            >
              shared, {formatAmount(row.given, currency)} carried by the others
            </span>
          ) : null}
        </>
      ),
      className: "min-w-40",
    },
    {
      id: "team",
      header: "Team",
      text: (row) => row.teamKey ?? "",
      compare: (a, b) => compareText(a.teamKey ?? "\uFFFF", b.teamKey ?? "\uFFFF"),
      cell: (row) =>
        row.teamKey === null ? (
          <span className="text-soft">nobody known</span>
        ) : (
          <Link href={teamHref(row.teamKey, asOf)} prefetch={false} className="way-down">
            {row.teamKey}
          </Link>
        ),
      className: "hidden md:table-cell",
    },
    money("amount", currency),
    money("direct", "Direct", "hidden sm:table-cell"),
    money("shared", "Shared", "hidden lg:table-cell"),
    money("idle", "Idle", "hidden lg:table-cell"),
    {
      id: "share",
      header: "Share %",
      align: "right",
      text: (row) => row.sharePercent ?? "",
      cell: (row) => row.sharePercent ?? "–",
      className: "hidden md:table-cell",
    },
    efficiency("cpuEfficiency", "CPU used"),
    efficiency("memoryEfficiency", "Memory used"),
    {
      id: "course",
      header: "Course",
      align: "right",
      text: (row) => row.spark.map((value) => value ?? "").join(" "),
      cell: (row) => <Sparkline values={row.spark} />,
      className: "hidden lg:table-cell w-24",
    },
  ];
}

function efficiency(id: "cpuEfficiency" | "memoryEfficiency", header: string): TableColumn<ClusterNamespaceRow> {
  return {
    id,
    header,
    headerTitle: "Of what was requested, average of the observed hours",
    align: "right",
    text: (row) => (row[id] === null ? "" : String(row[id])),
    compare: (a, b) => (a[id] ?? -1) - (b[id] ?? -1),
    cell: (row) =>
      row[id] === null ? <span className="text-soft">not known</span> : `${((row[id] ?? 0) * 100).toFixed(0)} %`,
    className: "hidden xl:table-cell whitespace-nowrap",
  };
}

function Money({ amount, currency }: { amount: Amount; currency: string }) {
  return <span title={`${formatExact(amount, currency)} ${currency}`}>{formatAmount(amount, currency)}</span>;
}
