"use client";

import {
  columnFilteringFeature,
  createFilteredRowModel,
  createPaginatedRowModel,
  createSortedRowModel,
  globalFilteringFeature,
  rowPaginationFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
} from "@tanstack/react-table";
import { useMemo, type ReactNode } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { SortableHeader } from "#app/_components/ui/sortable-header.tsx";
import { saveAsCsv } from "#app/_components/ui/save-as-csv.ts";
import { TextInput } from "#app/_components/ui/field.tsx";

export type TableColumn<Row> = {
  id: string;
  header: string;
  /** The header is for screen readers only, as above buttons. */
  isHeaderHidden?: boolean;
  /** Said to everyone who cannot see that the header is short. */
  headerTitle?: string;
  align?: "left" | "right";
  /** What filtering reads and an export writes: full precision, no grouping. */
  text: (row: Row) => string;
  /** Order of two rows, ascending; none = the column does not sort. */
  compare?: (left: Row, right: Row) => number;
  cell: (row: Row) => ReactNode;
  /** What stands in the pinned total row. */
  total?: ReactNode;
  className?: string;
};

export type DataTableProps<Row> = {
  /** Read to whoever cannot see the table. */
  caption: string;
  columns: readonly TableColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sortBy?: { id: string; desc: boolean };
  pageSize?: number;
  /** Shows the filter line with this placeholder. */
  filterLabel?: string;
  /** Name without ending; shows the export button. */
  exportName?: string;
  /** Other ways to export or switch, at the end of the filter line. */
  actions?: ReactNode;
  hasTotal?: boolean;
  /** What to say where no row is left. */
  emptyText?: string;
};

const FEATURES = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  rowPaginationFeature,
  paginatedRowModel: createPaginatedRowModel(),
});

/** A table that sorts, filters, pages and exports what it shows, with its total pinned below the rows. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { columns, rows, pageSize = 25, sortBy } = props;
  const definitions = useMemo(() => columns.map((column) => toDefinition(column)), [columns]);
  const table = useTable({
    features: FEATURES,
    columns: definitions,
    data: rows,
    getRowId: props.rowKey,
    globalFilterFn: (row, columnId, filter) =>
      (columns.find((column) => column.id === columnId)?.text(row.original) ?? "")
        .toLowerCase()
        .includes(String(filter).trim().toLowerCase()),
    getColumnCanGlobalFilter: () => true,
    initialState: {
      sorting: sortBy === undefined ? [] : [sortBy],
      pagination: { pageIndex: 0, pageSize },
    },
  });
  const shown = table.getRowModel().rows;
  const matching = table.getPrePaginatedRowModel().rows;
  const filter = String(table.state.globalFilter ?? "");
  const sorted = table.state.sorting[0];

  return (
    <div>
      <TableLine
        {...props}
        filter={filter}
        onFilter={(text) => table.setGlobalFilter(text)}
        matching={matching.map((row) => row.original)}
      />
      <div className="relative overflow-x-auto" role="region" aria-label={props.caption} tabIndex={0}>
        <table className="w-full border-collapse text-sm" data-rows="many">
          <caption className="sr-only">{props.caption}</caption>
          <thead className="sticky top-0 bg-surface">
            <tr className="border-b border-line-strong">
              {columns.map((column) => (
                <SortableHeader
                  key={column.id}
                  column={column}
                  direction={sorted?.id === column.id ? (sorted.desc ? "descending" : "ascending") : null}
                  onSort={() =>
                    table.setSorting([
                      { id: column.id, desc: sorted?.id === column.id ? !sorted.desc : column.align === "right" },
                    ])
                  }
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id} className="h-8 border-b border-line hover:bg-sunk">
                {columns.map((column, index) => (
                  <Cell key={column.id} column={column} isHeader={index === 0}>
                    {column.cell(row.original)}
                  </Cell>
                ))}
              </tr>
            ))}
          </tbody>
          {props.hasTotal === true && rows.length > 0 ? (
            <tfoot className="sticky bottom-0 bg-surface font-semibold">
              <tr className="h-8 border-t border-line-strong">
                {columns.map((column, index) => (
                  <Cell key={column.id} column={column} isHeader={index === 0} isTotal>
                    {index === 0 ? (column.total ?? "Total") : column.total}
                  </Cell>
                ))}
              </tr>
            </tfoot>
          ) : null}
        </table>
        {matching.length === 0 ? <p className="py-6 text-soft">{props.emptyText ?? "No row matches."}</p> : null}
      </div>
      <Pager
        label={props.caption}
        page={table.state.pagination.pageIndex}
        pageSize={pageSize}
        rows={matching.length}
        onPage={(page) => table.setPageIndex(page)}
      />
    </div>
  );
}

function toDefinition<Row extends object>(column: TableColumn<Row>): ColumnDef<typeof FEATURES, Row> {
  const { compare } = column;
  return {
    id: column.id,
    accessorFn: (row: Row) => column.text(row),
    enableSorting: compare !== undefined,
    sortFn: compare === undefined ? undefined : (left, right) => compare(left.original, right.original),
  };
}

type CellProps<Row> = { column: TableColumn<Row>; isHeader: boolean; isTotal?: boolean; children: ReactNode };

function Cell<Row>({ column, isHeader, isTotal = false, children }: CellProps<Row>) {
  const className = classNames(
    "px-2 py-1 first:pl-0 last:pr-0",
    column.align === "right" ? "text-right" : "text-left",
    column.className,
  );
  if (!isHeader) return <td className={className}>{children}</td>;
  return (
    <th scope="row" className={classNames(className, isTotal ? "font-semibold" : "font-normal")}>
      {children}
    </th>
  );
}

type TableLineProps<Row> = DataTableProps<Row> & { filter: string; onFilter: (text: string) => void; matching: Row[] };

function TableLine<Row>({
  filterLabel,
  exportName,
  actions,
  filter,
  onFilter,
  matching,
  columns,
}: TableLineProps<Row>) {
  if (filterLabel === undefined && exportName === undefined && actions === undefined) return null;
  return (
    <div className="mb-2 flex flex-wrap items-center gap-2 print:hidden">
      {filterLabel === undefined ? null : (
        <TextInput
          type="search"
          aria-label={filterLabel}
          placeholder={filterLabel}
          value={filter}
          onChange={(event) => onFilter(event.target.value)}
          className="max-w-64"
        />
      )}
      <div className="ml-auto flex flex-wrap items-center gap-2">
        {actions}
        {exportName === undefined ? null : (
          <Button
            size="small"
            onClick={() =>
              saveAsCsv(`${exportName}.csv`, [
                columns.map((column) => column.header),
                ...matching.map((row) => columns.map((column) => column.text(row))),
              ])
            }
          >
            Save as CSV
          </Button>
        )}
      </div>
    </div>
  );
}

function Pager({
  label,
  page,
  pageSize,
  rows,
  onPage,
}: {
  label: string;
  page: number;
  pageSize: number;
  rows: number;
  onPage: (page: number) => void;
}) {
  if (rows <= pageSize) return null;
  const last = Math.ceil(rows / pageSize) - 1;
  return (
    <nav
      aria-label={`Pages of ${label}`}
      className="flex items-center justify-end gap-2 pt-2 text-xs text-soft print:hidden"
    >
      <span aria-live="polite">
        {page * pageSize + 1}–{Math.min(rows, (page + 1) * pageSize)} of {rows}
      </span>
      <Button size="small" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Before
      </Button>
      <Button size="small" disabled={page >= last} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
