import { BILL_BASES, RESOURCES, type BillSettings, type ClusterHour } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { planPools, resourceShares, type Pool } from "#lib/domain/cluster-bill/pools.ts";
import { shareOut } from "#lib/domain/cluster-bill/share-out.ts";
import type { Column, UnitArithmetic } from "#lib/domain/cluster-bill/units.ts";
import { GAP, gapOfRow, amountOfRow } from "#lib/domain/cluster-bill/row-amount.ts";
import { addTo, inWholeNumbers } from "#lib/domain/cluster-bill/whole-weights.ts";

/** The parts of a namespace. "given": what a shared namespace had before the others took it over; it is no part of the sum. */
export const PART_KINDS = ["direct", "idle", "shared", "given"] as const;
/** What no namespace carries. */
export const REST_KINDS = ["idle", "overhead", "unobserved"] as const;

/** A bill in units of the twelfth decimal, by columns. */
export type UnitBill<C> = {
  /** Position (kind × 2 + basis) × namespaces + namespace, in the orders of PART_KINDS and BILL_BASES. */
  parts: C;
  /** Position kind × 2 + basis, in the orders of REST_KINDS and BILL_BASES. */
  rest: C;
  /** GAP bits by namespace. */
  gaps: Uint8Array;
  areNodesApart: boolean;
};

const [DIRECT, IDLE] = [0, 1];
const [REST_IDLE, REST_OVERHEAD, REST_UNOBSERVED] = [0, 1, 2];
const BASES = BILL_BASES.length;
const KINDS = RESOURCES.length;

/** What the steps of one hour hand on to each other. Costs of nodes are at node × 2 + basis. */
type Work<T, C extends Column<T>> = {
  hour: ClusterHour;
  settings: BillSettings;
  arithmetic: UnitArithmetic<T, C>;
  costs: C;
  bill: UnitBill<C>;
  rows: Uint32Array;
  /** What each row stands for, at resource × rows + place of the row. */
  amounts: Float64Array;
  cells: C;
  weights: Float64Array;
};

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
): UnitBill<C> {
  const count = hour.namespaces.length;
  const { pools, rows, areNodesApart } = planPools(hour);
  const bill: UnitBill<C> = {
    parts: arithmetic.column(4 * BASES * count),
    rest: arithmetic.column(REST_KINDS.length * BASES),
    gaps: new Uint8Array(count),
    areNodesApart,
  };
  const places = Math.max(rows.length, count) + KINDS + 1;
  const work: Work<T, C> = {
    hour,
    settings,
    arithmetic,
    costs,
    bill,
    rows,
    amounts: new Float64Array(KINDS * rows.length),
    cells: arithmetic.column(places),
    weights: new Float64Array(places),
  };
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

/** Idle capacity of a pool, or of all of them, and who used how much of each resource there. */
type IdleGroup<C> = {
  /** Null = the whole cluster; then those who may receive are its namespaces, otherwise the pool's rows. */
  pool: Pool | null;
  receivers: number;
  /** Amounts, at resource × 2 + basis. */
  idle: C;
  /** The same by effective cost, in doubles, at resource: what the resources weigh against each other. */
  idleWorth: Float64Array;
  /** Effective cost of use, at resource × receivers + receiver; empty unless idle is spread. */
  useWorth: Float64Array;
};

function idleGroup<T, C extends Column<T>>(
  { arithmetic, settings, hour }: Work<T, C>,
  pool: Pool | null,
): IdleGroup<C> {
  const receivers = pool === null ? hour.namespaces.length : pool.to - pool.from;
  return {
    pool,
    receivers,
    idle: arithmetic.column(KINDS * BASES),
    idleWorth: new Float64Array(KINDS),
    useWorth: new Float64Array(settings.idle === "by-use" ? KINDS * receivers : 0),
  };
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
    // A resource that none of the nodes has is no gap where it was not observed.
    if (nodes.every((node) => hour.nodes[node]?.capacity[name] === 0)) continue;
    const readings = hour.uses.readings[name];
    const offset = resource * rows.length;
    let total = 0;
    for (let place = from; place < to; place += 1) {
      const row = rows[place] ?? 0;
      const amount = amountOfRow(readings, row, settings.method);
      const gap = gapOfRow(readings, row, settings.method);
      if (gap !== GAP.none) {
        const namespace = hour.uses.namespace[row] ?? 0;
        bill.gaps[namespace] = (bill.gaps[namespace] ?? 0) | gap;
      }
      if (Number.isNaN(amount)) isKnown[resource] = false;
      else {
        amounts[offset + place] = amount;
        total += amount;
      }
    }
    used[resource] = total;
  }
  return { used, isKnown };
}

function noteUse<T, C extends Column<T>>(
  { hour, rows, amounts, settings }: Work<T, C>,
  { from, to }: Pool,
  resource: number,
  worthPerUnit: number,
  { pool, receivers, useWorth }: IdleGroup<C>,
): void {
  if (settings.idle !== "by-use") return;
  for (let place = from; place < to; place += 1) {
    const receiver = pool === null ? (hour.uses.namespace[rows[place] ?? 0] ?? 0) : place - from;
    const position = resource * receivers + receiver;
    useWorth[position] = (useWorth[position] ?? 0) + (amounts[resource * rows.length + place] ?? 0) * worthPerUnit;
  }
}

/** Step 2 for one group. */
function spreadIdle<T, C extends Column<T>>(work: Work<T, C>, group: IdleGroup<C>): void {
  const { hour, arithmetic, bill, cells, weights, rows, settings } = work;
  const { pool, receivers, idle } = group;
  if (settings.idle !== "by-use") return keepIdle(work, group);
  const spread = weighReceivers(group, weights);
  const weightSum = inWholeNumbers(weights, receivers);
  if (weightSum === 0) return keepIdle(work, group);

  const count = hour.namespaces.length;
  for (let basis = 0; basis < BASES; basis += 1) {
    let total = arithmetic.zero;
    for (const resource of spread) {
      total = arithmetic.add(total, idle[resource * BASES + basis] ?? arithmetic.zero);
      idle[resource * BASES + basis] = arithmetic.zero;
    }
    arithmetic.split(total, weights, receivers, weightSum, cells);
    const offset = (IDLE * BASES + basis) * count;
    for (let receiver = 0; receiver < receivers; receiver += 1) {
      const namespace = pool === null ? receiver : (hour.uses.namespace[rows[pool.from + receiver] ?? 0] ?? 0);
      addTo(bill.parts, offset + namespace, cells[receiver] ?? arithmetic.zero, arithmetic);
    }
  }
  keepIdle(work, group);
}

/** What each receiver should carry of the idle capacity, into `weights`; returns the resources of which there is any to carry. */
function weighReceivers<C>({ receivers, useWorth, idleWorth }: IdleGroup<C>, weights: Float64Array): number[] {
  weights.fill(0, 0, receivers);
  const spread: number[] = [];
  for (let resource = 0; resource < KINDS; resource += 1) {
    const offset = resource * receivers;
    let used = 0;
    for (let receiver = 0; receiver < receivers; receiver += 1) used += useWorth[offset + receiver] ?? 0;
    const idle = idleWorth[resource] ?? 0;
    if (used === 0 || idle === 0) continue;
    spread.push(resource);
    const perUse = idle / used;
    for (let receiver = 0; receiver < receivers; receiver += 1)
      weights[receiver] = (weights[receiver] ?? 0) + (useWorth[offset + receiver] ?? 0) * perUse;
  }
  return spread;
}

function keepIdle<T, C extends Column<T>>({ arithmetic, bill }: Work<T, C>, { idle }: IdleGroup<C>): void {
  for (let position = 0; position < idle.length; position += 1)
    addTo(bill.rest, REST_IDLE * BASES + (position % BASES), idle[position] ?? arithmetic.zero, arithmetic);
}

/** What a node weighs against others: its effective cost, or the billed one where that is zero, without sign; 1 where both are zero. */
function worthOf<T>(costs: Column<T>, node: number): number {
  const [billed, effective] = [Math.abs(Number(costs[node * BASES])), Math.abs(Number(costs[node * BASES + 1]))];
  return effective || billed || 1;
}
