"use client";

import { useSearchParams } from "next/navigation";
import { Fragment, useState, type ReactNode } from "react";
import type { NamespacePage, NamespaceRow, NamespaceSort } from "#lib/services/sprawl/sprawl-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { SortableHeader } from "#app/_components/ui/sortable-header.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useNamespaceRows } from "#app/_queries/namespaces.ts";
import { Gap, ListPlace, Row, Tick, Waiting } from "#app/(dashboard)/sprawl/_components/namespace-row.tsx";
import { useVirtualRows } from "#app/(dashboard)/sprawl/_components/virtual-rows.ts";
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
 * The namespaces in sight, of however many: pages are read from the server as they are scrolled to, and only their rows are on the page.
 * Order and first row stand in the URL and are read by themselves, without the rest of the page.
 */
export function NamespaceTable(props: NamespaceTableProps) {
  const { caption, may, now, actions } = props;
  const list = useList(props);
  const { state, rows, loaded, total, isLong, show } = list;
  const { container, range } = list.window;
  const [chosen, setChosen] = useState<ReadonlyMap<string, NamespaceRow>>(new Map());
  const columns = namespaceColumns({ asOf: state.asOf, now: new Date(now), rows }).filter(
    ({ id }) => props.columns === undefined || props.columns.includes(id),
  );
  const canChoose = (may.overrule || may.exempt) && state.asOf === null;
  const choose = (some: readonly NamespaceRow[], isChosen: boolean): void => {
    const next = new Map(chosen);
    for (const row of some)
      if (isChosen) next.set(rowKey(row), row);
      else next.delete(rowKey(row));
    setChosen(next);
  };
  return (
    <div>
      <div className="mb-2 flex min-h-6 flex-wrap items-center gap-2 print:hidden">
        {canChoose ? <DecisionBar rows={[...chosen.values()]} may={may} onDone={() => setChosen(new Map())} /> : null}
        <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
      </div>
      {loaded.error === null ? null : <ErrorState error={errorViewOf(loaded.error)} />}
      <div
        ref={container}
        className={classNames("relative overflow-auto", isLong && "h-[70vh] min-h-80 print:h-auto")}
        role="region"
        aria-label={caption}
        tabIndex={0}
      >
        <table
          className="w-full border-collapse text-sm"
          data-rows="many"
          aria-busy={loaded.isLoading}
          aria-rowcount={isLong ? total + 1 : undefined}
        >
          <caption className="sr-only">{caption}</caption>
          <thead className="sticky top-0 z-10 bg-surface">
            <tr className="border-b border-line-strong" aria-rowindex={isLong ? 1 : undefined}>
              {canChoose ? (
                <th scope="col" className="w-7 pr-2 text-left print:hidden">
                  <Tick
                    label="All rows in sight"
                    isTicked={rows.length > 0 && rows.every((row) => chosen.has(rowKey(row)))}
                    onTick={(is) => choose(rows, is)}
                  />
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
          <Rows
            list={list}
            columns={columns}
            chosen={chosen}
            onChoose={canChoose ? choose : null}
            detailOf={props.detailOf}
          />
        </table>
        {total === 0 ? <p className="py-6 text-soft">No namespace matches.</p> : null}
      </div>
      {isLong ? (
        <ListPlace label={caption} range={range} total={total} onOffset={(offset) => show({ offset })} />
      ) : null}
    </div>
  );
}

type List = ReturnType<typeof useList>;

/** What of the list is in sight and loaded, and the question that its URL asks now. */
function useList({ state: asked, first, path, api, fixed }: NamespaceTableProps) {
  const state = useListState(asked);
  const [total, setTotal] = useState(first.total);
  const isLong = total > PAGE_ROWS;
  const show = (changed: Partial<SprawlState>, isNew = true): void => {
    const shown = { ...state, ...changed, ...(fixed === undefined ? {} : { [fixed]: [] }) };
    globalThis.history[isNew ? "pushState" : "replaceState"](null, "", sprawlHref(shown, path));
  };
  const window = useVirtualRows({
    count: total,
    isLong,
    offset: Math.min(state.offset, Math.max(0, total - 1)),
    onRest: (offset) => show({ offset }, false),
  });
  const { items } = window;
  const loaded = useNamespaceRows(
    (offset) => sprawlHref({ ...state, offset }, api),
    { from: items[0]?.index ?? 0, to: items.at(-1)?.index ?? 0, pageRows: PAGE_ROWS },
    { href: sprawlHref({ ...asked, offset: 0 }, api), page: first },
  );
  if (loaded.total !== total) setTotal(loaded.total);
  const rows = items.flatMap(({ index }) => loaded.rowAt(index) ?? []);
  return { state, total, isLong, show, window, loaded, rows };
}

type RowsProps = {
  list: List;
  columns: readonly NamespaceColumn[];
  chosen: ReadonlyMap<string, NamespaceRow>;
  /** Null where nothing can be chosen. */
  onChoose: ((rows: readonly NamespaceRow[], isChosen: boolean) => void) | null;
  detailOf: ((row: NamespaceRow) => ReactNode) | undefined;
};

/** Each row is a group of its own, so that it is measured together with what is opened below it. */
function Rows({ list: { window, loaded, isLong }, columns, chosen, onChoose, detailOf }: RowsProps) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const { items, totalHeight, measure } = window;
  const span = columns.length + (onChoose === null ? 0 : 1);
  return (
    <>
      {items.map(({ index, key, start }, place) => {
        const row = loaded.rowAt(index);
        return (
          <Fragment key={key}>
            <Gap height={start - (items[place - 1]?.end ?? 0)} span={span} />
            <tbody ref={measure} data-index={index} className={classNames(loaded.isLoading && "opacity-60")}>
              {row === null ? (
                <Waiting span={span} rowIndex={index + 2} />
              ) : (
                <Row
                  row={row}
                  rowIndex={isLong ? index + 2 : undefined}
                  columns={columns}
                  tick={
                    onChoose === null ? null : (
                      <Tick
                        label={`Choose ${row.name} in ${row.clusterKey}`}
                        isTicked={chosen.has(rowKey(row))}
                        onTick={(is) => onChoose([row], is)}
                      />
                    )
                  }
                  detail={detailOf?.(row) ?? null}
                  isOpen={opened.has(rowKey(row))}
                  onToggle={() => setOpened(flipped(opened, rowKey(row)))}
                />
              )}
            </tbody>
          </Fragment>
        );
      })}
      <Gap height={totalHeight - (items.at(-1)?.end ?? 0)} span={span} />
    </>
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
