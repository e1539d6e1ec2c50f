import { compareText } from "#lib/charts/compare-text.ts";
import { addAmounts, decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import { isAccount, unitKeyOf } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow, UnitNode } from "#lib/services/accounts/accounts-view.ts";

/** A unit with the accounts in it and the units below it, and what all of them spend together. */
export type UnitBranch = {
  key: string;
  label: string;
  /** From below the root down: ["Workloads", "Prod"]; of the root its own name. */
  path: string[];
  /** Of it and everything below. */
  accounts: number;
  owned: number;
  amount: Amount;
  previous: Amount | null;
  spark: (Amount | null)[];
  children: UnitBranch[];
  /** The accounts right in it. */
  rows: AccountRow[];
};

/** The order of two accounts, or of two units, which are told apart by nothing that an account alone has. */
export type TreeOrder = (left: AccountRow | UnitBranch, right: AccountRow | UnitBranch) => number;

/**
 * The given accounts under their units; units without any are left out. Accounts of no organisation stand in one branch for
 * each provider. Siblings by amount. Sums are those of the given rows, so that they follow the filters.
 *
 * @param read the providers of which an organisation was read.
 */
export function accountTree(
  rows: readonly AccountRow[],
  units: readonly UnitNode[],
  read: ReadonlySet<string>,
): UnitBranch[] {
  const byUnit = Map.groupBy(rows, unitKeyOf);
  const known = units.filter(({ unitId }) => unitId !== "");
  const children = Map.groupBy(known, ({ parentId }) => parentId);
  const build = ({ unitId, name, parentId }: UnitNode, above: string[]): UnitBranch[] => {
    const path = parentId === null ? [] : [...above, name];
    const below = (children.get(unitId) ?? []).flatMap((child) => build(child, path));
    const own = byUnit.get(unitId) ?? [];
    return below.length + own.length === 0 ? [] : [toBranch(unitId, name, path, below, own)];
  };
  const listed = new Set(known.map(({ unitId }) => unitId));
  const outside = [...byUnit]
    .filter(([key]) => !listed.has(key))
    .map(([key, own]) => {
      const label = own.some(isAccount) ? outsideLabel(own[0]?.provider ?? "", read) : "Cost that names no account";
      return toBranch(key, label, [label], [], own);
    });
  const roots = (children.get(null) ?? []).flatMap((root) => build(root, []));
  return [...roots, ...outside].toSorted(byAmount);
}

function outsideLabel(provider: string, read: ReadonlySet<string>): string {
  const name = provider === "" ? "Provider unknown" : provider;
  return read.has(provider) ? `${name}, not in the organisation` : `${name}, no organisation read`;
}

function toBranch(
  key: string,
  label: string,
  path: string[],
  children: UnitBranch[],
  rows: readonly AccountRow[],
): UnitBranch {
  const parts = [...children, ...rows];
  const accounts = rows.filter(isAccount);
  const previous = parts.map((part) => part.previous).filter((amount) => amount !== null);
  return {
    key,
    label,
    path: path.length === 0 ? [label] : path,
    accounts: children.reduce((count, child) => count + child.accounts, accounts.length),
    owned: children.reduce(
      (count, child) => count + child.owned,
      accounts.filter(({ owner }) => owner.team !== null).length,
    ),
    amount: toAmount(sum(parts.map((part) => part.amount))),
    previous: previous.length === 0 ? null : addAmounts(previous),
    spark: addSparks(parts.map((part) => part.spark)),
    children: children.toSorted(byAmount),
    rows: [...rows],
  };
}

/** Bucket by bucket; a bucket of which nothing is known stays a gap. */
function addSparks(sparks: readonly (Amount | null)[][]): (Amount | null)[] {
  const length = Math.max(0, ...sparks.map((spark) => spark.length));
  return Array.from({ length }, (_, position) => {
    const known = sparks.map((spark) => spark[position] ?? null).filter((amount) => amount !== null);
    return known.length === 0 ? null : toAmount(sum(known));
  });
}

function byAmount(left: UnitBranch, right: UnitBranch): number {
  return decimal(right.amount).comparedTo(left.amount) || compareText(left.label, right.label);
}

/** A line of the tree as it is drawn. "more" stands for the accounts of a unit that are not drawn yet. */
export type TreeLine =
  | { kind: "unit"; branch: UnitBranch; depth: number; isOpen: boolean }
  | { kind: "account"; row: AccountRow; depth: number }
  | { kind: "more"; branch: UnitBranch; depth: number; hidden: number };

/**
 * The lines from top to bottom: of an open unit first the units below it, then its accounts.
 *
 * @param shownOf how many accounts of a unit are drawn at most.
 */
export function treeLines(
  branches: readonly UnitBranch[],
  { isOpen, order, shownOf }: { isOpen: (key: string) => boolean; order: TreeOrder; shownOf: (key: string) => number },
  depth = 0,
): TreeLine[] {
  return branches.toSorted(order).flatMap((branch): TreeLine[] => {
    const open = isOpen(branch.key);
    const head: TreeLine = { kind: "unit", branch, depth, isOpen: open };
    if (!open) return [head];
    const shown = shownOf(branch.key);
    const accounts = branch.rows
      .toSorted(order)
      .slice(0, shown)
      .map((row): TreeLine => ({ kind: "account", row, depth: depth + 1 }));
    const hidden = branch.rows.length - accounts.length;
    return [
      head,
      ...treeLines(branch.children, { isOpen, order, shownOf }, depth + 1),
      ...accounts,
      ...(hidden > 0 ? [{ kind: "more" as const, branch, depth: depth + 1, hidden }] : []),
    ];
  });
}

/** Every branch of the tree, parents first. */
export function allBranches(branches: readonly UnitBranch[]): UnitBranch[] {
  return branches.flatMap((branch) => [branch, ...allBranches(branch.children)]);
}
