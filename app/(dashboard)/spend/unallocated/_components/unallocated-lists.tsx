"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { compareText } from "#lib/charts/compare-text.ts";
import type { RuleMatch } from "#lib/domain/allocation/rule.ts";
import { decimal, type Amount } from "#lib/domain/money.ts";
import { formatAmount, formatCount, formatExact } from "#lib/domain/format.ts";
import type { UnallocatedView } from "#lib/services/spend/spend-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";
import { EmptyState } from "#app/_components/ui/states.tsx";
import { PeriodPicker } from "#app/(dashboard)/spend/_components/period-picker.tsx";
import { spendHref, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";

const GiveDialog = dynamic(() => import("#app/_components/rules/give-dialog.tsx").then((module) => module.GiveDialog), {
  ssr: false,
});
const ReallocationProgress = dynamic(
  () => import("#app/_components/rules/reallocation-progress.tsx").then((module) => module.ReallocationProgress),
  { ssr: false },
);

type Candidate = {
  key: string;
  label: string;
  detail: string;
  amount: Amount;
  lineItems: number;
  match: RuleMatch;
  href: string | null;
};

export function UnallocatedLists({
  state,
  views,
  canWrite,
}: {
  state: SpendState;
  views: UnallocatedView[];
  canWrite: boolean;
}) {
  const router = useRouter();
  const [given, setGiven] = useState<Candidate | null>(null);
  const [runIds, setRunIds] = useState<string[]>([]);
  return (
    <div className="mt-3 space-y-6">
      <PeriodPicker
        period={state.period}
        onChange={(period) => router.push(spendHref({ ...state, period }, "/spend/unallocated"))}
      />
      <ReallocationProgress runIds={runIds} />
      {views.length === 0 ? <EmptyState title="No cost is loaded for this period." /> : null}
      {views.map((view) => (
        <Currency key={view.currency} view={view} state={state} onGive={canWrite ? setGiven : null} />
      ))}
      {given === null ? null : (
        <GiveDialog
          what={given.label}
          match={given.match}
          onClose={() => setGiven(null)}
          onSaved={(ids) => {
            setGiven(null);
            setRunIds(ids);
            router.refresh();
          }}
        />
      )}
    </div>
  );
}

function Currency({
  view,
  state,
  onGive,
}: {
  view: UnallocatedView;
  state: SpendState;
  onGive: ((candidate: Candidate) => void) | null;
}) {
  const { currency } = view;
  const tables = useMemo(() => candidatesOf(view, state), [view, state]);
  const columns = useMemo(() => columnsFor(currency, onGive), [currency, onGive]);
  return (
    <section aria-label={`Unallocated, ${currency}`} className="space-y-6" data-rows="many">
      <p className="border-y border-line py-3">
        <span className="text-figure font-semibold tracking-tight" title={formatExact(view.unallocated, currency)}>
          {formatAmount(view.unallocated, currency)}
        </span>{" "}
        <span className="text-soft">{currency} of</span> {formatAmount(view.total, currency)}{" "}
        <span className="text-soft">has no owner</span>
        {view.coveragePercent === null ? null : (
          <span className="text-soft">
            {" "}
            · <span className="text-ink">{view.coveragePercent} %</span> has one
          </span>
        )}
      </p>
      {decimal(view.unallocated).isZero() ? (
        <EmptyState title="Every cost has an owner." />
      ) : (
        tables.map(({ title, rows }) =>
          rows.length === 0 ? null : (
            <div key={title}>
              <h2 className="mb-1 text-base">{title}</h2>
              <DataTable
                caption={`${title} without an owner, ${currency}`}
                columns={columns}
                rows={rows}
                rowKey={(row) => row.key}
                pageSize={10}
                filterLabel={`Find in ${title.toLowerCase()}`}
                exportName={`unallocated-${title.toLowerCase()}`}
              />
            </div>
          ),
        )
      )}
    </section>
  );
}

function candidatesOf(view: UnallocatedView, state: SpendState): { title: string; rows: Candidate[] }[] {
  const down = (filters: SpendState["filters"], groupBy: SpendState["groupBy"]) =>
    spendHref({ ...state, filters, kinds: ["unallocated"], groupBy });
  return [
    {
      title: "Accounts",
      rows: view.accounts.map((row) => ({
        ...row,
        key: `${row.provider} ${row.subAccountId}`,
        label: row.name || row.subAccountId || "No account",
        detail: [row.provider, row.subAccountId].filter((part) => part !== "").join(" · "),
        match: { provider: [row.provider], subAccountId: [row.subAccountId] },
        href: down({ subAccount: [row.subAccountId] }, "service"),
      })),
    },
    {
      title: "Tags",
      rows: view.tags.map((row) => ({
        ...row,
        key: `${row.key}=${row.value}`,
        label: `${row.key}: ${row.value}`,
        detail: "",
        match: { tag: { keys: [row.key], values: [row.value] } },
        href: down({ [`tag:${row.key}`]: [row.value] }, "subAccount"),
      })),
    },
    {
      title: "Services",
      rows: view.services.map((row) => ({
        ...row,
        key: `${row.provider} ${row.serviceName}`,
        label: row.serviceName,
        detail: row.provider,
        match: { provider: [row.provider], serviceName: [row.serviceName] },
        href: down({ service: [row.serviceName] }, "subAccount"),
      })),
    },
  ];
}

function columnsFor(currency: string, onGive: ((candidate: Candidate) => void) | null): TableColumn<Candidate>[] {
  const columns: TableColumn<Candidate>[] = [
    {
      id: "name",
      header: "What",
      text: (row) => `${row.label} ${row.detail}`.trim(),
      compare: (a, b) => compareText(a.label, b.label),
      cell: (row) => (
        <>
          {row.href === null ? (
            row.label
          ) : (
            <Link href={row.href} prefetch={false} className="way-down">
              {row.label}
            </Link>
          )}{" "}
          <span className="text-xs text-soft">{row.detail}</span>
        </>
      ),
    },
    {
      id: "items",
      header: "Line items",
      align: "right",
      text: (row) => String(row.lineItems),
      compare: (a, b) => a.lineItems - b.lineItems,
      cell: (row) => formatCount(row.lineItems),
      className: "hidden w-28 sm:table-cell",
    },
    {
      id: "amount",
      header: currency,
      align: "right",
      text: (row) => row.amount,
      compare: (a, b) => decimal(a.amount).comparedTo(b.amount),
      cell: (row) => <span title={formatExact(row.amount, currency)}>{formatAmount(row.amount, currency)}</span>,
      className: "w-36",
    },
  ];
  if (onGive !== null) {
    columns.push({
      id: "give",
      header: "Change",
      isHeaderHidden: true,
      align: "right",
      text: () => "",
      cell: (row) => (
        <Button size="small" onClick={() => onGive(row)}>
          Give this to…<span className="sr-only"> ({row.label})</span>
        </Button>
      ),
      className: "w-32 print:hidden",
    });
  }
  return columns;
}
