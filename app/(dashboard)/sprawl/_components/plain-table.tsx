import type { ReactNode } from "react";
import { classNames } from "#app/_components/ui/class-names.ts";

type PlainColumn<Row> = {
  header: string;
  cell: (row: Row) => ReactNode;
  isRight?: boolean;
  className?: string;
};

type PlainTableProps<Row> = {
  caption: string;
  columns: readonly PlainColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Rows beyond this are folded away. */
  shown?: number;
};

/** A short table that needs no sorting: it is rendered on the server and ships no code. */
export function PlainTable<Row>({ caption, columns, rows, rowKey, shown }: PlainTableProps<Row>) {
  const limit = shown ?? rows.length;
  const rest = rows.slice(limit);
  return (
    <>
      <Grid caption={caption} columns={columns} rows={rows.slice(0, limit)} rowKey={rowKey} />
      {rest.length === 0 ? null : (
        <details>
          <summary className="min-h-6 pt-1 text-xs text-soft">{rest.length} more</summary>
          <Grid caption={`${caption}, the others`} columns={columns} rows={rest} rowKey={rowKey} />
        </details>
      )}
    </>
  );
}

function Grid<Row>({ caption, columns, rows, rowKey }: PlainTableProps<Row>) {
  return (
    <div className="relative overflow-x-auto" role="region" aria-label={caption} tabIndex={0}>
      <table className="w-full border-collapse text-sm" data-rows="many">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-xs text-soft">
            {columns.map((column) => (
              <th
                key={column.header}
                scope="col"
                className={classNames(cellClass(column), "h-7 font-medium whitespace-nowrap")}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="h-8 border-b border-line hover:bg-sunk">
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.header} scope="row" className={classNames(cellClass(column), "py-1 font-normal")}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.header} className={classNames(cellClass(column), "py-1")}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<Row>({ isRight, className }: PlainColumn<Row>): string {
  return classNames("px-2 first:pl-0 last:pr-0", isRight === true ? "text-right" : "text-left", className);
}
