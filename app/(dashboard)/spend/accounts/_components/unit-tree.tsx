"use client";

import { ChevronRight } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { compareText } from "#lib/charts/compare-text.ts";
import { percentChange, sharePercent } from "#lib/domain/change.ts";
import { formatCount } from "#lib/domain/format.ts";
import { decimal } from "#lib/domain/money.ts";
import { isAccount } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import type { TableColumn } from "#app/_components/ui/data-table.tsx";
import { SortableHeader } from "#app/_components/ui/sortable-header.tsx";
import { accountKey } from "#app/(dashboard)/spend/accounts/accounts-state.ts";
import { accountsWords } from "#app/(dashboard)/spend/accounts/account-words.ts";
import {
  accountTree,
  allBranches,
  treeLines,
  type TreeLine,
  type TreeOrder,
  type UnitBranch,
} from "#app/(dashboard)/spend/accounts/account-tree.ts";
import { AmountText, differenceOf, ShareBar } from "#app/(dashboard)/spend/accounts/_components/account-columns.tsx";
import type { AccountsTableProps } from "#app/(dashboard)/spend/accounts/_components/accounts-table.tsx";

/** Accounts of a unit that are drawn at first, and added at each press. */
const DRAWN_OF_UNIT = 50;

/** Up to as many accounts everything is open from the start; of more the units' sums are what fits a screen. */
const OPEN_UP_TO = 60;

type UnitTreeProps = AccountsTableProps & {
  columns: TableColumn<AccountRow>[];
  readProviders: ReadonlySet<string>;
  actions: ReactNode;
};

/** Units with count and sum as rows that open, their accounts below, and the total pinned under all. */
export function UnitTree(props: UnitTreeProps) {
  const { rows, units, readProviders, columns, currency, actions } = props;
  const tree = useMemo(() => accountTree(rows, units, readProviders), [rows, units, readProviders]);
  const branches = useMemo(() => allBranches(tree), [tree]);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [more, setMore] = useState<ReadonlyMap<string, number>>(new Map());
  const [sort, setSort] = useState({ id: "amount", desc: true });

  const opensAtFirst = (key: string): boolean => rows.length <= OPEN_UP_TO || tree.some((branch) => branch.key === key);
  const isOpen = (key: string): boolean => opensAtFirst(key) !== toggled.has(key);
  const setAll = (open: boolean): void =>
    setToggled(new Set(branches.map(({ key }) => key).filter((key) => opensAtFirst(key) !== open)));
  const lines = treeLines(tree, {
    isOpen,
    order: orderBy(columns, sort),
    shownOf: (key) => DRAWN_OF_UNIT * (1 + (more.get(key) ?? 0)),
  });
  return (
    <div>
      <div className="mb-2 flex flex-wrap items-center gap-2 print:hidden">
        <Button
          size="small"
          look="quiet"
          className="-ml-2"
          onClick={() => setAll(!branches.every(({ key }) => isOpen(key)))}
        >
          {branches.every(({ key }) => isOpen(key)) ? "Close all units" : "Open all units"}
        </Button>
        <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
      </div>
      <div className="relative overflow-x-auto" role="region" aria-label={`Accounts by unit, ${currency}`} tabIndex={0}>
        <table className="w-full border-collapse text-sm" data-rows="many">
          <caption className="sr-only">Accounts by unit, {currency}</caption>
          <thead className="sticky top-0 bg-surface">
            <tr className="border-b border-line-strong">
              {columns.map((column) => (
                <SortableHeader
                  key={column.id}
                  column={column}
                  direction={sort.id === column.id ? (sort.desc ? "descending" : "ascending") : null}
                  onSort={() =>
                    setSort({ id: column.id, desc: sort.id === column.id ? !sort.desc : column.align === "right" })
                  }
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Line
                key={lineKey(line)}
                line={line}
                {...props}
                onToggle={(key) => setToggled(flipped(toggled, key))}
                onMore={(key) => setMore(new Map(more).set(key, (more.get(key) ?? 0) + 1))}
              />
            ))}
          </tbody>
          <Total {...props} />
        </table>
      </div>
    </div>
  );
}

function lineKey(line: TreeLine): string {
  return line.kind === "account" ? `account ${accountKey(line.row)}` : `${line.kind} ${line.branch.key}`;
}

function flipped(keys: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** Accounts by the sorted column. Units have a name, an amount and a change of their own; by all else they stand by amount. */
function orderBy(columns: readonly TableColumn<AccountRow>[], { id, desc }: { id: string; desc: boolean }): TreeOrder {
  const direction = desc ? -1 : 1;
  const compare = columns.find((column) => column.id === id)?.compare;
  return (left, right) => {
    if (!("children" in left) && !("children" in right)) return direction * (compare?.(left, right) ?? 0);
    if (id === "name" && "children" in left && "children" in right)
      return direction * compareText(left.label, right.label);
    if (id === "change") return direction * differenceOf(left).comparedTo(differenceOf(right));
    return (id === "amount" ? direction : -1) * decimal(left.amount).comparedTo(right.amount);
  };
}

type LineProps = UnitTreeProps & { line: TreeLine; onToggle: (key: string) => void; onMore: (key: string) => void };

function Line({ line, columns, onMore, ...props }: LineProps) {
  if (line.kind === "unit") return <UnitLine {...props} {...line} columns={columns} />;
  if (line.kind === "more") {
    return (
      <tr className="h-8 border-b border-line">
        <WideCell columns={columns.length}>
          <Indented depth={line.depth + 1}>
            <button type="button" className="link min-h-6 text-xs" onClick={() => onMore(line.branch.key)}>
              {formatCount(line.hidden)} more in {line.branch.label}
            </button>
          </Indented>
        </WideCell>
      </tr>
    );
  }
  return (
    <tr className="h-8 border-b border-line hover:bg-sunk">
      {columns.map((column, index) => (
        <Cell key={column.id} column={column} isHeader={index === 0} weight="font-normal">
          {index === 0 ? <Indented depth={line.depth + 1}>{column.cell(line.row)}</Indented> : column.cell(line.row)}
        </Cell>
      ))}
    </tr>
  );
}

type UnitLineProps = Omit<LineProps, "line" | "onMore"> & { branch: UnitBranch; depth: number; isOpen: boolean };

function UnitLine({ columns, branch, depth, isOpen, onToggle, total, currency }: UnitLineProps) {
  const cells: Record<string, ReactNode> = {
    name: (
      <Indented depth={depth}>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => onToggle(branch.key)}
          className="inline-flex min-h-6 items-center gap-1.5 text-left hover:text-accent"
        >
          <ChevronRight size={14} aria-hidden className={classNames("shrink-0", isOpen && "rotate-90")} />
          <span>
            {branch.label}{" "}
            {branch.accounts === 0 ? null : (
              <span className="text-xs font-normal whitespace-nowrap text-soft">{accountsWords(branch.accounts)}</span>
            )}
          </span>
        </button>
      </Indented>
    ),
    owner: <span className="text-xs font-normal text-soft">{ownedWords(branch)}</span>,
    amount: <AmountText amount={branch.amount} currency={currency} />,
    share: <ShareBar percent={sharePercent(branch.amount, total)} />,
    change: <ChangeText change={percentChange(branch.amount, branch.previous)} />,
    course: <Sparkline values={branch.spark} />,
  };
  return (
    <tr className="h-8 border-b border-line bg-sunk">
      {columns.map((column, index) => (
        <Cell key={column.id} column={column} isHeader={index === 0} weight="font-medium">
          {cells[column.id]}
        </Cell>
      ))}
    </tr>
  );
}

function Total({ columns, rows, shownTotal, total, currency }: UnitTreeProps) {
  const cells: Record<string, ReactNode> = {
    name: accountsWords(rows.filter(isAccount).length),
    amount: <AmountText amount={shownTotal} currency={currency} />,
    share: <ShareBar percent={sharePercent(shownTotal, total)} />,
  };
  return (
    <tfoot className="sticky bottom-0 bg-surface">
      <tr className="h-8 border-t border-line-strong">
        {columns.map((column, index) => (
          <Cell key={column.id} column={column} isHeader={index === 0} weight="font-semibold">
            {cells[column.id]}
          </Cell>
        ))}
      </tr>
    </tfoot>
  );
}

function ownedWords({ accounts, owned }: UnitBranch): string {
  if (accounts === 0) return "";
  return owned === accounts ? "each has one" : `${formatCount(accounts - owned)} without one`;
}

function Indented({ depth, children }: { depth: number; children: ReactNode }) {
  // On narrow screens a step is small: names need the room.
  return (
    <div className="[--step:0.5rem] sm:[--step:1.25rem]" style={{ paddingInlineStart: `calc(${depth} * var(--step))` }}>
      {children}
    </div>
  );
}

type CellProps = { column: TableColumn<AccountRow>; isHeader: boolean; weight: string; children: ReactNode };

function Cell({ column, isHeader, weight, children }: CellProps) {
  const className = classNames(
    "px-2 py-1 first:pl-0 last:pr-0",
    column.align === "right" ? "text-right" : "text-left",
    weight,
    column.className,
  );
  return isHeader ? (
    <th scope="row" className={className}>
      {children}
    </th>
  ) : (
    <td className={className}>{children}</td>
  );
}

function WideCell({ columns, children }: { columns: number; children: ReactNode }) {
  return <td colSpan={columns}>{children}</td>;
}
