import { RESOURCES, type BillMethod, type ClusterHour, type NodeCost } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { ratesOf } from "#lib/domain/cluster-bill/rates.ts";

/** A resource that is worth less of its node than this is worth nothing; it keeps every quotient in range. */
const LEAST_SHARE = 1e-15;

/** Nodes whose rows cannot be told apart, one as a rule, with the rows that stand for use of them. */
export type Pool = {
  /** Positions of its nodes in the hour. */
  nodes: readonly number[];
  /** Positions of its rows: `from` to `to`, exclusive, of PoolPlan.rows. */
  from: number;
  to: number;
};

export type PoolPlan = {
  pools: Pool[];
  rows: Uint32Array;
  /** False where a row names no node that has a cost: then the whole cluster is one pool. */
  areNodesApart: boolean;
};

/**
 * Which rows use which nodes. Every node is a pool of its own, with its own rate; where the node of a single row is not known, all
 * nodes are one pool, because what that row used would otherwise show as idle on some of them.
 */
export function planPools(hour: ClusterHour): PoolPlan {
  const { uses, nodes } = hour;
  const order = new Uint32Array(uses.count);
  const starts = new Uint32Array(nodes.length + 1);
  let areNodesApart = true;
  for (let row = 0; row < uses.count; row += 1) {
    const node = uses.node[row] ?? -1;
    if (node < 0 || node >= nodes.length) areNodesApart = false;
    else starts[node + 1] = (starts[node + 1] ?? 0) + 1;
  }
  if (nodes.length <= 1 || !areNodesApart) {
    for (let row = 0; row < uses.count; row += 1) order[row] = row;
    const pools = nodes.length === 0 ? [] : [{ nodes: [...nodes.keys()], from: 0, to: uses.count }];
    return { pools, rows: order, areNodesApart: areNodesApart || nodes.length <= 1 };
  }

  for (let node = 0; node < nodes.length; node += 1) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const next = starts.slice();
  for (let row = 0; row < uses.count; row += 1) {
    const node = uses.node[row] ?? 0;
    const place = next[node] ?? 0;
    order[place] = row;
    next[node] = place + 1;
  }
  const pools = nodes.map((_, node) => ({ nodes: [node], from: starts[node] ?? 0, to: starts[node + 1] ?? 0 }));
  return { pools, rows: order, areNodesApart: true };
}

/**
 * How much of a pool's cost is for each resource (adding up to one, or all zero where neither size nor use is known) and how much
 * of each there is. Several nodes count by their costs, so that each keeps its own rate.
 *
 * @param used what the pool's rows stand for, by resource.
 * @param costs by node of the pool, >= 0.
 */
export function resourceShares(
  nodes: readonly NodeCost[],
  costs: readonly number[],
  used: readonly number[],
  method: BillMethod,
): { shares: number[]; sizes: number[] } {
  const sizes = RESOURCES.map((resource, index) => {
    const capacities = nodes.map((node) => node.capacity[resource]);
    const known = capacities.reduce((total: number, capacity) => total + (capacity ?? 0), 0);
    return capacities.includes(null) ? Math.max(known, used[index] ?? 0) : known;
  });
  const [first] = nodes;
  if (first === undefined) return { shares: [0, 0, 0], sizes };
  if (nodes.length === 1) return { shares: proportions(first, sizes, method), sizes };

  const shares = [0, 0, 0];
  for (const [position, node] of nodes.entries()) {
    const own = RESOURCES.map((resource) => node.capacity[resource] ?? 0);
    for (const [index, share] of proportions(node, own, method).entries())
      shares[index] = (shares[index] ?? 0) + share * (costs[position] ?? 0);
  }
  const total = shares.reduce((left, right) => left + right, 0);
  return { shares: total > 0 ? shares.map((share) => share / total) : proportions(first, sizes, method), sizes };
}

function proportions(node: NodeCost, sizes: readonly number[], method: BillMethod): number[] {
  const rates = ratesOf(node, method);
  const worth = RESOURCES.map((resource, index) => rates[resource] * (sizes[index] ?? 0));
  const total = worth.reduce((left, right) => left + right, 0);
  return worth.map((value) => (value > total * LEAST_SHARE ? value / total : 0));
}
