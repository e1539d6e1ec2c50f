import {
  BASES,
  DIRECT,
  KINDS,
  makeRoom,
  REST_KINDS,
  REST_OVERHEAD,
  REST_UNOBSERVED,
  type BillRoom,
  type UnitBill,
  type Work,
} from "#lib/domain/cluster-bill/bill-work.ts";
import { RESOURCES, type BillSettings, type ClusterHour } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { idleGroup, noteUse, spreadIdle, type IdleGroup } from "#lib/domain/cluster-bill/idle-group.ts";
import { planPools, resourceShares, type Pool } from "#lib/domain/cluster-bill/pools.ts";
import { amountOfRow, GAP, gapOfRow } from "#lib/domain/cluster-bill/row-amount.ts";
import { shareOut } from "#lib/domain/cluster-bill/share-out.ts";
import type { Column, UnitArithmetic } from "#lib/domain/cluster-bill/units.ts";
import { addTo, inWholeNumbers } from "#lib/domain/cluster-bill/whole-weights.ts";

/**
 * Splits one hour of a cluster exactly: parts + rest = costs, to the last unit, in each basis.
 *
 * 1. A node's cost is divided into resources by its rates, each resource among those who used it and what nobody used; what
 *    was asked for beyond the node's size shrinks in proportion.
 * 2. With "by-use", idle capacity of a resource goes to those who used that resource, in proportion to the effective cost of their
 *    use, per node or over the cluster. What nobody used has nobody to go to and stays idle.
 * 3. What shared namespaces cost by then goes to the others.
 *
 * Proportions are found once for both bases, in doubles; each basis is then split by largest remainder.
 */
export function billUnits<T, C extends Column<T>>(
  hour: ClusterHour,
  settings: BillSettings,
  costs: C,
  arithmetic: UnitArithmetic<T, C>,
  room: BillRoom<C>,
): UnitBill<C> {
  const count = hour.namespaces.length;
  const { pools, rows, areNodesApart } = planPools(hour);
  const bill: UnitBill<C> = {
    parts: arithmetic.column(4 * BASES * count),
    rest: arithmetic.column(REST_KINDS.length * BASES),
    gaps: new Uint8Array(count),
    areNodesApart,
  };
  makeRoom(room, rows.length, count, arithmetic);
  const work: Work<T, C> = { hour, settings, arithmetic, costs, bill, rows, ...room };
  addOthers(work);
  const isShared = settings.idle === "by-use" && settings.idlePer === "cluster";
  const whole = isShared ? idleGroup(work, null) : null;
  for (const pool of pools) {
    const group = whole ?? idleGroup(work, pool);
    dividePool(work, pool, group);
    if (whole === null) spreadIdle(work, group);
  }
  if (whole !== null) spreadIdle(work, whole);
  shareOut(hour, settings.shared, bill.parts, arithmetic, work);
  return bill;
}

function addOthers<T, C extends Column<T>>({ hour, arithmetic, costs, bill }: Work<T, C>): void {
  const count = hour.namespaces.length;
  for (const [index, { namespace }] of hour.others.entries()) {
    for (let basis = 0; basis < BASES; basis += 1) {
      const cost = costs[(hour.nodes.length + index) * BASES + basis] ?? arithmetic.zero;
      if (namespace === null) addTo(bill.rest, REST_OVERHEAD * BASES + basis, cost, arithmetic);
      else addTo(bill.parts, (DIRECT * BASES + basis) * count + namespace, cost, arithmetic);
    }
  }
}

/** Step 1 for one pool. */
function dividePool<T, C extends Column<T>>(work: Work<T, C>, pool: Pool, group: IdleGroup<C>): void {
  const { hour, settings, arithmetic, costs, bill, rows, amounts, cells, weights } = work;
  const { from, to } = pool;
  const places = to - from;
  const { used, isKnown } = measureUse(work, pool);
  const worths = pool.nodes.map((node) => worthOf(costs, node));
  const nodes = pool.nodes.flatMap((node) => hour.nodes[node] ?? []);
  const { shares, sizes } = resourceShares(nodes, worths, used, settings.method);
  const worth = worths.reduce((left, right) => left + right, 0);

  weights.fill(0, 0, places + KINDS + 1);
  for (let resource = 0; resource < KINDS; resource += 1) {
    const share = shares[resource] ?? 0;
    if (share === 0) continue;
    const usedHere = used[resource] ?? 0;
    const size = Math.max(sizes[resource] ?? 0, usedHere);
    const perUnit = share / size;
    const offset = resource * rows.length + from;
    for (let place = 0; place < places; place += 1)
      weights[place] = (weights[place] ?? 0) + (amounts[offset + place] ?? 0) * perUnit;
    const idle = (size - usedHere) * perUnit;
    const isIdle = (isKnown[resource] ?? false) && hour.isObserved;
    weights[places + (isIdle ? resource : KINDS)] = (weights[places + (isIdle ? resource : KINDS)] ?? 0) + idle;
    if (isIdle) group.idleWorth[resource] = (group.idleWorth[resource] ?? 0) + idle * worth;
    noteUse(work, pool, resource, perUnit * worth, group);
  }
  // Nothing is known of the node's size and nobody asked for anything.
  if (shares.every((share) => share === 0)) weights[places + (hour.isObserved ? 0 : KINDS)] = 1;

  const count = hour.namespaces.length;
  const weightSum = inWholeNumbers(weights, places + KINDS + 1);
  for (let basis = 0; basis < BASES; basis += 1) {
    let cost = arithmetic.zero;
    for (const node of pool.nodes) cost = arithmetic.add(cost, costs[node * BASES + basis] ?? arithmetic.zero);
    arithmetic.split(cost, weights, places + KINDS + 1, weightSum, cells);
    const direct = (DIRECT * BASES + basis) * count;
    for (let place = 0; place < places; place += 1) {
      const namespace = hour.uses.namespace[rows[from + place] ?? 0] ?? 0;
      addTo(bill.parts, direct + namespace, cells[place] ?? arithmetic.zero, arithmetic);
    }
    for (let resource = 0; resource < KINDS; resource += 1)
      addTo(group.idle, resource * BASES + basis, cells[places + resource] ?? arithmetic.zero, arithmetic);
    addTo(bill.rest, REST_UNOBSERVED * BASES + basis, cells[places + KINDS] ?? arithmetic.zero, arithmetic);
  }
}

/** What the rows stand for, into `work.amounts`; by resource the sum, and whether every row is known. */
function measureUse<T, C extends Column<T>>(work: Work<T, C>, { from, to, nodes }: Pool) {
  const { hour, settings, rows, amounts, bill } = work;
  const used = [0, 0, 0];
  const isKnown = [true, true, true];
  for (const [resource, name] of RESOURCES.entries()) {
    const offset = resource * rows.length;
    // A resource that none of the nodes has is no gap where it was not observed.
    if (nodes.every((node) => hour.nodes[node]?.capacity[name] === 0)) {
      amounts.fill(0, offset + from, offset + to);
      continue;
    }
    const readings = hour.uses.readings[name];
    let total = 0;
    for (let place = from; place < to; place += 1) {
      const row = rows[place] ?? 0;
      const amount = amountOfRow(readings, row, settings.method);
      const gap = gapOfRow(readings, row, settings.method, amount);
      if (gap !== GAP.none) {
        const namespace = hour.uses.namespace[row] ?? 0;
        bill.gaps[namespace] = (bill.gaps[namespace] ?? 0) | gap;
      }
      const isObserved = !Number.isNaN(amount);
      if (!isObserved) isKnown[resource] = false;
      amounts[offset + place] = isObserved ? amount : 0;
      total += isObserved ? amount : 0;
    }
    used[resource] = total;
  }
  return { used, isKnown };
}

/** What a node weighs against others: its effective cost, or the billed one where that is zero, without sign; 1 where both are zero. */
function worthOf<T>(costs: Column<T>, node: number): number {
  const [billed, effective] = [Math.abs(Number(costs[node * BASES])), Math.abs(Number(costs[node * BASES + 1]))];
  return effective || billed || 1;
}
