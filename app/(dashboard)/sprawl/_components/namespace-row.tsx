"use client";

import type { ReactNode } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { NamespaceRow } from "#lib/services/sprawl/sprawl-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import type { NamespaceColumn } from "#app/(dashboard)/sprawl/_components/namespace-columns.tsx";
import { PAGE_ROWS } from "#app/(dashboard)/sprawl/sprawl-state.ts";

export function Tick({ label, isTicked, onTick }: { label: string; isTicked: boolean; onTick: (is: boolean) => void }) {
  return (
    <label className="inline-flex size-6 items-center">
      <span className="sr-only">{label}</span>
      <input
        type="checkbox"
        className="accent-[var(--accent)]"
        checked={isTicked}
        onChange={(event) => onTick(event.target.checked)}
      />
    </label>
  );
}

type RowProps = {
  row: NamespaceRow;
  /** Its place among all rows; none where all of them are on the page. */
  rowIndex: number | undefined;
  columns: readonly NamespaceColumn[];
  tick: ReactNode;
  detail: ReactNode;
  isOpen: boolean;
  onToggle: () => void;
};

export function Row({ row, rowIndex, columns, tick, detail, isOpen, onToggle }: RowProps) {
  return (
    <>
      <tr className="h-8 border-b border-line hover:bg-sunk" aria-rowindex={rowIndex}>
        {tick === null ? null : <td className="w-7 pr-2 align-top sm:align-middle print:hidden">{tick}</td>}
        {columns.map((column, index) => {
          const className = classNames(
            "px-2 py-1 align-top first:pl-0 last:pr-0 sm:align-middle",
            column.align === "right" ? "text-right" : "text-left",
            column.className,
          );
          if (index > 0)
            return (
              <td key={column.id} className={className}>
                {column.cell(row)}
              </td>
            );
          return (
            <th key={column.id} scope="row" className={classNames(className, "font-normal")}>
              {column.cell(row)}
              {detail === null ? null : (
                <button
                  type="button"
                  aria-expanded={isOpen}
                  aria-label={`${isOpen ? "Less about" : "Why"} ${row.name}`}
                  onClick={onToggle}
                  className="link ml-2 min-h-6 text-xs print:hidden"
                >
                  {isOpen ? "Less" : "Why"}
                </button>
              )}
            </th>
          );
        })}
      </tr>
      {isOpen && detail !== null ? (
        <tr className="border-b border-line bg-sunk">
          <td colSpan={columns.length + (tick === null ? 0 : 1)} className="px-2 py-3">
            {detail}
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** The height of the rows that are not on the page. */
export function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tbody aria-hidden className="print:hidden">
      <tr>
        <td colSpan={span} aria-label="Rows that are not in sight" className="p-0" style={{ height }} />
      </tr>
    </tbody>
  );
}

/** A row whose page is on the way. */
export function Waiting({ span, rowIndex }: { span: number; rowIndex: number }) {
  return (
    <tr className="h-8 border-b border-line" aria-rowindex={rowIndex}>
      <td colSpan={span}>
        <span className="block h-3 w-64 max-w-full rounded-sm bg-sunk" />
        <span className="sr-only">on the way</span>
      </td>
    </tr>
  );
}

type ListPlaceProps = {
  label: string;
  range: { startIndex: number; endIndex: number } | null;
  total: number;
  onOffset: (offset: number) => void;
};

/** Where in the list one is, with ways to go far: scrolling goes everywhere. */
export function ListPlace({ label, range, total, onOffset }: ListPlaceProps) {
  const from = range?.startIndex ?? 0;
  const to = Math.min(total, (range?.endIndex ?? 0) + 1);
  return (
    <nav
      aria-label={`Pages of ${label}`}
      className="flex items-center justify-end gap-2 pt-2 text-xs text-soft print:hidden"
    >
      <span className="tabular-nums">
        {formatCount(from + 1)}–{formatCount(to)} of {formatCount(total)}
      </span>
      <Button size="small" disabled={from === 0} onClick={() => onOffset(0)}>
        First
      </Button>
      <Button size="small" disabled={from === 0} onClick={() => onOffset(Math.max(0, from - PAGE_ROWS))}>
        Before
      </Button>
      <Button size="small" disabled={to >= total} onClick={() => onOffset(Math.min(total - 1, from + PAGE_ROWS))}>
        Next
      </Button>
      <Button size="small" disabled={to >= total} onClick={() => onOffset(total - 1)}>
        Last
      </Button>
    </nav>
  );
}
