import { compareText } from "#lib/charts/compare-text.ts";
import { decimal, sum, toAmount, ZERO, type Amount, type Decimal } from "#lib/domain/money.ts";

/** A node of the treemap. Leaves have no children; `weight` is the share of the whole drawn area, for pixels only. */
export type TreemapNode = {
  /** null = the smallest ones together. */
  key: string | null;
  label: string;
  amount: Amount;
  weight: number;
  children: TreemapNode[];
};

/** An amount and the way to it from the outside in: business unit, team, … */
export type TreemapRow = { path: readonly { key: string; label: string }[]; amount: Amount };

/** Leaves that are drawn by themselves; more could neither be read nor hit with a pointer. */
export const DRAWN_LEAVES = 200;

/**
 * What a treemap layout is fed with: nested nodes, largest first, with weights that sum to 1.
 *
 * An area cannot be zero or negative: leaves whose amount is not above zero are left out and reported in `notDrawn`,
 * so that drawn + not drawn = all, exactly. Beyond `limit` leaves the smallest stand together in one node with key
 * null. Rows of the same path are added first.
 */
export function toTreemap(
  rows: readonly TreemapRow[],
  limit: number = DRAWN_LEAVES,
  restLabel = "The rest",
): { nodes: TreemapNode[]; total: Amount; notDrawn: { rows: number; amount: Amount } } {
  const leaves = addUp(rows);
  const drawn = leaves
    .filter(({ amount }) => amount.greaterThan(0))
    .toSorted((a, b) => b.amount.comparedTo(a.amount) || compareText(a.id, b.id));
  const notDrawn = leaves.filter(({ amount }) => !amount.greaterThan(0));
  const total = sum(drawn.map(({ amount }) => amount));

  const nodes = nest(drawn.slice(0, limit), 0, total);
  const rest = drawn.slice(limit);
  if (rest.length > 0) nodes.push(toNode(null, restLabel, sum(rest.map(({ amount }) => amount)), total, []));
  return {
    nodes,
    total: toAmount(total),
    notDrawn: { rows: notDrawn.length, amount: toAmount(sum(notDrawn.map(({ amount }) => amount))) },
  };
}

type Leaf = { id: string; path: TreemapRow["path"]; amount: Decimal };

function addUp(rows: readonly TreemapRow[]): Leaf[] {
  const leaves = new Map<string, Leaf>();
  for (const { path, amount } of rows) {
    const id = JSON.stringify(path.map(({ key }) => key));
    leaves.set(id, { id, path, amount: (leaves.get(id)?.amount ?? ZERO).plus(decimal(amount)) });
  }
  return [...leaves.values()];
}

/** Groups leaves by their step at `depth`; a path that ends there is a leaf. */
function nest(leaves: readonly Leaf[], depth: number, total: Decimal): TreemapNode[] {
  const groups = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const key = leaf.path[depth]?.key;
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), leaf]);
  }
  return [...groups]
    .map(([key, members]) => ({ key, members, amount: sum(members.map(({ amount }) => amount)) }))
    .toSorted((a, b) => b.amount.comparedTo(a.amount) || compareText(a.key, b.key))
    .map(({ key, members, amount }) =>
      toNode(key, members[0]?.path[depth]?.label ?? key, amount, total, nest(members, depth + 1, total)),
    );
}

function toNode(
  key: string | null,
  label: string,
  amount: Decimal,
  total: Decimal,
  children: TreemapNode[],
): TreemapNode {
  return { key, label, amount: toAmount(amount), weight: amount.dividedBy(total).toNumber(), children };
}
