"use client";

import { useSearchParams } from "next/navigation";
import { useState, type ReactNode } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { NamespacePage, NamespaceRow, NamespaceSort } from "#lib/services/sprawl/sprawl-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { SortableHeader } from "#app/_components/ui/sortable-header.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useNamespacePage } from "#app/_queries/namespaces.ts";
import { DecisionBar } from "#app/(dashboard)/sprawl/_components/decision-bar.tsx";
import { namespaceColumns, type NamespaceColumn } from "#app/(dashboard)/sprawl/_components/namespace-columns.tsx";
import {
  PAGE_ROWS,
  readSort,
  ROW_PARAMETER,
  SORT_PARAMETER,
  sprawlHref,
  type FacetKey,
  type SprawlState,
} from "#app/(dashboard)/sprawl/sprawl-state.ts";

export type May = { overrule: boolean; exempt: boolean };

type NamespaceTableProps = {
  caption: string;
  state: SprawlState;
  first: NamespacePage;
  /** Where the list stands, and where further pages of it are read. */
  path: string;
  api: string;
  may: May;
  /** ISO instant that ages are counted to. */
  now: string;
  actions?: ReactNode;
  /** What is told below a row when it is opened. */
  detailOf?: (row: NamespaceRow) => ReactNode;
  columns?: readonly NamespaceColumn["id"][];
  /** A filter that the page itself stands for, so that its URL need not say it. */
  fixed?: FacetKey;
};

/**
 * One page of namespaces at a time, in rows that are as high as their text: a list of a hundred thousand is as quick as one of a hundred.
 * Order and page stand in the URL and are read by themselves, without the rest of the page.
 */
export function NamespaceTable(props: NamespaceTableProps) {
  const { caption, first, path, api, may, now, actions, detailOf, fixed } = props;
  const state = useListState(props.state);
  const {
    data: page = first,
    error,
    isPlaceholderData,
  } = useNamespacePage(sprawlHref(state, api), {
    href: sprawlHref(props.state, api),
    page: first,
  });
  const [chosen, setChosen] = useState<ReadonlyMap<string, NamespaceRow>>(new Map());
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const columns = namespaceColumns({ asOf: state.asOf, now: new Date(now), rows: page.rows }).filter(
    ({ id }) => props.columns === undefined || props.columns.includes(id),
  );
  const canChoose = (may.overrule || may.exempt) && state.asOf === null;
  const show = (changed: Partial<SprawlState>): void => {
    const shown = { ...state, ...changed, ...(fixed === undefined ? {} : { [fixed]: [] }) };
    window.history.pushState(null, "", sprawlHref(shown, path));
  };
  const choose = (rows: readonly NamespaceRow[], isChosen: boolean): void => {
    const next = new Map(chosen);
    for (const row of rows)
      if (isChosen) next.set(rowKey(row), row);
      else next.delete(rowKey(row));
    setChosen(next);
  };
  const areAllChosen = page.rows.length > 0 && page.rows.every((row) => chosen.has(rowKey(row)));
  return (
    <div>
      <div className="mb-2 flex min-h-6 flex-wrap items-center gap-2 print:hidden">
        {canChoose ? <DecisionBar rows={[...chosen.values()]} may={may} onDone={() => setChosen(new Map())} /> : null}
        <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
      </div>
      {error === null ? null : <ErrorState error={errorViewOf(error)} />}
      <div className="relative overflow-x-auto" role="region" aria-label={caption} tabIndex={0}>
        <table className="w-full border-collapse text-sm" data-rows="many" aria-busy={isPlaceholderData}>
          <caption className="sr-only">{caption}</caption>
          <thead className="sticky top-0 bg-surface">
            <tr className="border-b border-line-strong">
              {canChoose ? (
                <th scope="col" className="w-7 pr-2 text-left print:hidden">
                  <Tick label="All on this page" isTicked={areAllChosen} onTick={(is) => choose(page.rows, is)} />
                </th>
              ) : null}
              {columns.map((column) => (
                <SortableHeader
                  key={column.id}
                  column={{ ...column, compare: column.sort }}
                  direction={column.sort === state.sort ? (state.descending ? "descending" : "ascending") : null}
                  onSort={() =>
                    column.sort !== undefined && show({ offset: 0, ...nextSort(state, column.sort, column) })
                  }
                />
              ))}
            </tr>
          </thead>
          <tbody className={classNames(isPlaceholderData && "opacity-60")}>
            {page.rows.map((row) => (
              <Row
                key={rowKey(row)}
                row={row}
                columns={columns}
                tick={
                  canChoose ? (
                    <Tick
                      label={`Choose ${row.name} in ${row.clusterKey}`}
                      isTicked={chosen.has(rowKey(row))}
                      onTick={(is) => choose([row], is)}
                    />
                  ) : null
                }
                detail={detailOf?.(row) ?? null}
                isOpen={opened.has(rowKey(row))}
                onToggle={() => setOpened(flipped(opened, rowKey(row)))}
              />
            ))}
          </tbody>
        </table>
        {page.total === 0 ? <p className="py-6 text-soft">No namespace matches.</p> : null}
      </div>
      <Pager label={caption} page={page} onOffset={(offset) => show({ offset })} />
    </div>
  );
}

function rowKey({ clusterKey, uid }: Pick<NamespaceRow, "clusterKey" | "uid">): string {
  return `${clusterKey} ${uid}`;
}

/** The question of the page with the order and the first row that the URL has now: both change without the server. */
function useListState(state: SprawlState): SprawlState {
  const params = useSearchParams();
  const offset = Number(params.get(ROW_PARAMETER) ?? "0");
  return {
    ...state,
    ...readSort(params.get(SORT_PARAMETER) ?? ""),
    offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0,
  };
}

function nextSort(
  state: SprawlState,
  sort: NamespaceSort,
  { align }: NamespaceColumn,
): Pick<SprawlState, "sort" | "descending"> {
  return { sort, descending: state.sort === sort ? !state.descending : align === "right" };
}

function flipped(keys: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

function Tick({ label, isTicked, onTick }: { label: string; isTicked: boolean; onTick: (is: boolean) => void }) {
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
  columns: readonly NamespaceColumn[];
  tick: ReactNode;
  detail: ReactNode;
  isOpen: boolean;
  onToggle: () => void;
};

function Row({ row, columns, tick, detail, isOpen, onToggle }: RowProps) {
  return (
    <>
      <tr className="h-8 border-b border-line hover:bg-sunk">
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

function Pager({ label, page, onOffset }: { label: string; page: NamespacePage; onOffset: (offset: number) => void }) {
  const { offset, total, rows } = page;
  if (total <= PAGE_ROWS && offset === 0) return null;
  return (
    <nav
      aria-label={`Pages of ${label}`}
      className="flex items-center justify-end gap-2 pt-2 text-xs text-soft print:hidden"
    >
      <span aria-live="polite" className="tabular-nums">
        {rows.length === 0 ? "None" : `${formatCount(offset + 1)}–${formatCount(offset + rows.length)}`} of{" "}
        {formatCount(total)}
      </span>
      <Button size="small" disabled={offset === 0} onClick={() => onOffset(0)}>
        First
      </Button>
      <Button size="small" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - PAGE_ROWS))}>
        Before
      </Button>
      <Button size="small" disabled={offset + rows.length >= total} onClick={() => onOffset(offset + PAGE_ROWS)}>
        Next
      </Button>
      <Button
        size="small"
        disabled={offset + rows.length >= total}
        onClick={() => onOffset(Math.floor((total - 1) / PAGE_ROWS) * PAGE_ROWS)}
      >
        Last
      </Button>
    </nav>
  );
}
