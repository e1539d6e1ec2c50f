"use client";

import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { compareText } from "#lib/charts/compare-text.ts";
import { decimal } from "#lib/domain/money.ts";
import { formatAmount, formatCount, formatExact } from "#lib/domain/format.ts";
import type { LineItemPage, ResourceRow } from "#lib/services/spend/spend-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useLineItems, useResources } from "#app/_queries/spend-records.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { EmptyState, ErrorState, TableSkeleton } from "#app/_components/ui/states.tsx";
import { Tabs } from "#app/_components/ui/tabs.tsx";
import { saveAsCsv } from "#app/_components/ui/save-as-csv.ts";
import { dimensionLabel, spendHref, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";

/** The last two levels of the way down: resources, then the source's own line items. */
export function SpendSheet({ state, sheet }: { state: SpendState; sheet: "resources" | "items" }) {
  const router = useRouter();
  const [resource, setResource] = useState<string | null>(null);
  const go = (next: SpendState["sheet"]): void => router.push(spendHref({ ...state, sheet: next }), { scroll: false });
  const filters = Object.entries(state.filters).map(
    ([dimension, values]) =>
      `${dimensionLabel(dimension as keyof SpendState["filters"])}: ${(values ?? []).map((value) => value || "none").join(", ")}`,
  );
  return (
    <Dialog
      open
      place="side"
      onClose={() => go(null)}
      title={`What it is made of, ${periodWords(state.period)}`}
      description={filters.join(" · ") || "Everything"}
    >
      <Tabs
        label="Level"
        value={sheet}
        onChange={(value) => go(value === "items" ? "items" : "resources")}
        tabs={[
          {
            value: "resources",
            label: "Resources",
            content: (
              <Resources
                state={state}
                onResource={(id) => {
                  setResource(id);
                  go("items");
                }}
              />
            ),
          },
          {
            value: "items",
            label: "Line items",
            content: <LineItems state={state} resource={resource} onAll={() => setResource(null)} />,
          },
        ]}
      />
    </Dialog>
  );
}

function Resources({ state, onResource }: { state: SpendState; onResource: (resourceId: string) => void }) {
  const answer = useResources(state);
  if (answer.isPending) return <TableSkeleton label="Resources" />;
  if (answer.error !== null)
    return (
      <ErrorState
        error={errorViewOf(answer.error)}
        action={<Button onClick={() => void answer.refetch()}>Try again</Button>}
      />
    );
  if (answer.data.length === 0) return <EmptyState title="No line items match." />;
  return answer.data.map((section) => <ResourceTable key={section.currency} {...section} onResource={onResource} />);
}

function ResourceTable({
  currency,
  rows,
  onResource,
}: {
  currency: string;
  rows: ResourceRow[];
  onResource: (resourceId: string) => void;
}) {
  const columns = useMemo(
    (): TableColumn<ResourceRow>[] => [
      {
        id: "resource",
        header: "Resource",
        text: (row) => row.resourceId,
        compare: (a, b) => compareText(a.resourceName || a.resourceId, b.resourceName || b.resourceId),
        cell: (row) => (
          <button type="button" className="way-down text-left break-all" onClick={() => onResource(row.resourceId)}>
            {row.resourceName || row.resourceId || "No resource"}
            {row.resourceName === "" || row.resourceName === row.resourceId ? null : (
              <span className="block text-xs text-soft">{row.resourceId}</span>
            )}
          </button>
        ),
      },
      {
        id: "type",
        header: "Type",
        text: (row) => row.resourceType,
        compare: (a, b) => compareText(a.resourceType, b.resourceType),
        cell: (row) => row.resourceType || "–",
        className: "text-soft",
      },
      {
        id: "items",
        header: "Line items",
        align: "right",
        text: (row) => String(row.lineItems),
        compare: (a, b) => a.lineItems - b.lineItems,
        cell: (row) => formatCount(row.lineItems),
      },
      {
        id: "amount",
        header: currency,
        align: "right",
        text: (row) => row.amount,
        compare: (a, b) => decimal(a.amount).comparedTo(decimal(b.amount)),
        cell: (row) => <span title={formatExact(row.amount, currency)}>{formatAmount(row.amount, currency)}</span>,
      },
    ],
    [currency, onResource],
  );
  return (
    <DataTable
      caption={`Resources, ${currency}`}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.resourceId}
      filterLabel="Find resource"
      exportName="resources"
    />
  );
}

function LineItems({ state, resource, onAll }: { state: SpendState; resource: string | null; onAll: () => void }) {
  const [page, setPage] = useState(1);
  const answer = useLineItems(state, { page, resource });
  return (
    <div>
      {resource === null ? null : (
        <p className="mb-3 text-xs">
          Of <span className="font-medium break-all">{resource || "no resource"}</span>.{" "}
          <button type="button" className="link min-h-6" onClick={onAll}>
            Show all
          </button>
        </p>
      )}
      {answer.isPending ? <TableSkeleton label="Line items" /> : null}
      {answer.error === null ? null : (
        <ErrorState
          error={errorViewOf(answer.error)}
          action={<Button onClick={() => void answer.refetch()}>Try again</Button>}
        />
      )}
      {answer.data?.map((section) => (
        <LineItemTable key={section.currency} section={section} page={page} onPage={setPage} basis={state.basis} />
      ))}
    </div>
  );
}

type LineItemTableProps = {
  section: LineItemPage;
  page: number;
  onPage: (page: number) => void;
  basis: SpendState["basis"];
};

/** The raw FOCUS columns, as the file has them. */
function LineItemTable({ section, page, onPage, basis }: LineItemTableProps) {
  const pageSize = 50;
  const columns = readingOrder(section.columns);
  const pages = Math.max(1, Math.ceil(section.count / pageSize));
  return (
    <section aria-label={`Line items, ${section.currency}`} className="mb-6">
      <p className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
        <span>
          <span className="font-medium">{formatCount(section.count)}</span> line items,{" "}
          {formatExact(section.totals[basis], section.currency)} {section.currency} {basis}
        </span>
        {section.note === null ? null : <span className="text-soft">{section.note}</span>}
        <Button
          size="small"
          className="ml-auto"
          onClick={() =>
            saveAsCsv("line-items.csv", [
              section.columns,
              ...section.rows.map((row) => section.columns.map((column) => row[column] ?? "")),
            ])
          }
        >
          Save this page as CSV
        </Button>
      </p>
      <div
        className="relative overflow-x-auto border-y border-line"
        role="region"
        aria-label={`Line items, ${section.currency}, columns scroll`}
        tabIndex={0}
      >
        <table className="text-xs whitespace-nowrap">
          <thead className="text-soft">
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" className="h-7 pr-4 text-left font-medium">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {section.rows.map((row, index) => (
              <tr key={index} className="h-7 border-t border-line">
                {columns.map((column) => (
                  <td key={column} className="max-w-80 truncate pr-4" title={row[column] ?? undefined}>
                    {row[column] ?? <span className="text-soft">null</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages === 1 ? null : (
        <nav aria-label="Pages of line items" className="mt-2 flex items-center justify-end gap-2 text-xs text-soft">
          Page {page} of {formatCount(pages)}
          <Button size="small" disabled={page === 1} onClick={() => onPage(page - 1)}>
            Before
          </Button>
          <Button size="small" disabled={page >= pages} onClick={() => onPage(page + 1)}>
            Next
          </Button>
        </nav>
      )}
    </section>
  );
}

/** What most people look for stands first; the other columns follow as the file has them. */
const FIRST_COLUMNS = [
  "ChargePeriodStart",
  "ChargeDescription",
  "ResourceName",
  "ResourceId",
  "BilledCost",
  "EffectiveCost",
  "ChargeCategory",
  "ConsumedQuantity",
  "ConsumedUnit",
  "Tags",
];

function readingOrder(columns: readonly string[]): string[] {
  const first = FIRST_COLUMNS.filter((column) => columns.includes(column));
  return [...first, ...columns.filter((column) => !first.includes(column))];
}
