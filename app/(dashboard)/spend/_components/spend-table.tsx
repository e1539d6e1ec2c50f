"use client";

import Link from "next/link";
import { useMemo } from "react";
import { compareText } from "#lib/charts/compare-text.ts";
import { decimal, type Amount } from "#lib/domain/money.ts";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import type { SpendRow } from "#lib/services/spend/spend-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { EvidenceChip, type Strength } from "#app/_components/evidence-chip.tsx";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";

export type SpendTableProps = {
  rows: SpendRow[];
  /** One level down, by the row's key. */
  hrefs: Record<string, string>;
  noun: string;
  /** Rows are owners, so that each carries its evidence. */
  isOwner: boolean;
  currency: string;
  total: Amount;
  previousTotal: Amount | null;
  change: string | null;
  hasComparison: boolean;
  exports: { csv: string; xlsx: string } | null;
};

/** Owner or group, amount, share, change, course; the total below is the bar's. */
export function SpendTable(props: SpendTableProps) {
  const columns = useMemo(() => columnsFor(props), [props]);
  return (
    <DataTable
      caption={`Spend by ${props.noun.toLowerCase()} in ${props.currency}`}
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.key}
      pageSize={50}
      filterLabel={`Find ${props.noun.toLowerCase()}`}
      hasTotal
      actions={
        props.exports === null ? null : (
          <>
            <a href={props.exports.csv} download className={buttonClass("plain", "small")}>
              Export CSV
            </a>
            <a href={props.exports.xlsx} download className={buttonClass("plain", "small")}>
              Export XLSX
            </a>
          </>
        )
      }
    />
  );
}

function columnsFor(props: SpendTableProps): TableColumn<SpendRow>[] {
  const { currency, noun } = props;
  const amount = (value: Amount) => (
    <span title={`${formatExact(value, currency)} ${currency}`}>{formatAmount(value, currency)}</span>
  );
  const columns: TableColumn<SpendRow>[] = [
    {
      id: "name",
      header: noun,
      text: (row) => `${row.label}${row.detail === null ? "" : ` ${row.detail}`}`,
      compare: (a, b) => compareText(a.label, b.label),
      cell: (row) => <RowName row={row} {...props} />,
      className: "min-w-56",
    },
    {
      id: "amount",
      header: currency,
      headerTitle: `Amount in ${currency}`,
      align: "right",
      text: (row) => row.amount,
      compare: (a, b) => decimal(a.amount).comparedTo(decimal(b.amount)),
      cell: (row) => (
        <Link href={props.hrefs[row.key] ?? "#"} prefetch={false} className="way-down">
          {amount(row.amount)}
        </Link>
      ),
      total: amount(props.total),
    },
    {
      id: "share",
      header: "Share %",
      align: "right",
      text: (row) => row.sharePercent ?? "",
      cell: (row) => <ShareBar percent={row.sharePercent} />,
      total: <ShareBar percent="100.0" />,
      className: "hidden sm:table-cell w-40",
    },
  ];
  if (props.hasComparison) {
    columns.push(
      {
        id: "previous",
        header: "Before",
        align: "right",
        text: (row) => row.previous ?? "",
        compare: (a, b) => decimal(a.previous ?? "0").comparedTo(decimal(b.previous ?? "0")),
        cell: (row) => (row.previous === null ? "–" : amount(row.previous)),
        total: props.previousTotal === null ? "–" : amount(props.previousTotal),
        className: "hidden md:table-cell text-soft",
      },
      {
        id: "change",
        header: "Change",
        align: "right",
        text: (row) => row.change ?? "",
        compare: (a, b) => differenceOf(a).comparedTo(differenceOf(b)),
        cell: (row) => <ChangeText change={row.change} />,
        total: <ChangeText change={props.change} />,
      },
    );
  }
  columns.push({
    id: "course",
    header: "Course",
    align: "right",
    text: (row) => row.spark.map((value) => value ?? "").join(" "),
    cell: (row) => <Sparkline values={row.spark} />,
    className: "hidden md:table-cell w-24 print:table-cell",
  });
  return columns;
}

function differenceOf(row: SpendRow) {
  return decimal(row.amount).minus(decimal(row.previous ?? "0"));
}

function RowName({ row, hrefs, isOwner, currency }: SpendTableProps & { row: SpendRow }) {
  if (!isOwner) {
    return (
      <span className="inline-flex min-w-0 items-baseline gap-2">
        <Link href={hrefs[row.key] ?? "#"} prefetch={false} className="way-down">
          {row.label}
        </Link>
        {row.detail === null ? null : <span className="text-xs text-soft">{row.detail}</span>}
      </span>
    );
  }
  return (
    <EvidenceChip name={row.label} detail={row.detail} strength={strengthOf(row)} href={hrefs[row.key]}>
      {row.key === "" ? (
        <p className="text-soft">
          No rule reaches this cost.{" "}
          <Link href="/spend/unallocated" className="link">
            Give it to somebody
          </Link>
        </p>
      ) : (
        <>
          <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
            <dt className="text-soft">Given directly by rules</dt>
            <dd className="text-right">{formatAmount(row.direct, currency)}</dd>
            <dt className="text-soft">Share of pools</dt>
            <dd className="text-right">{formatAmount(row.shared, currency)}</dd>
            <dt className="border-t border-line pt-1">{currency}</dt>
            <dd className="border-t border-line pt-1 text-right font-medium">{formatAmount(row.amount, currency)}</dd>
          </dl>
          <p className="mt-2 text-xs text-soft">
            <Link href="/spend/rules" className="link">
              The rules that give it, in order
            </Link>
          </p>
        </>
      )}
    </EvidenceChip>
  );
}

function strengthOf(row: SpendRow): Strength {
  if (row.key === "") return "none";
  const direct = decimal(row.direct).abs();
  const shared = decimal(row.shared).abs();
  if (shared.isZero()) return "explicit";
  return direct.isZero() ? "derived" : direct.greaterThanOrEqualTo(shared) ? "explicit" : "weak";
}

function ShareBar({ percent }: { percent: string | null }) {
  const width = percent === null ? 0 : Math.max(0, Math.min(100, Number(percent.replace("−", "-"))));
  return (
    <span className="flex items-center justify-end gap-2">
      <span aria-hidden className="hidden h-1 flex-1 bg-hover lg:block">
        <span className="block h-full bg-part-direct" style={{ width: `${width}%` }} />
      </span>
      <span className="w-10">{percent ?? "–"}</span>
    </span>
  );
}
