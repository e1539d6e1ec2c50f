import { BASES, IDLE, KINDS, REST_IDLE, type Work } from "#lib/domain/cluster-bill/bill-work.ts";
import type { Pool } from "#lib/domain/cluster-bill/pools.ts";
import type { Column } from "#lib/domain/cluster-bill/units.ts";
import { addTo, inWholeNumbers } from "#lib/domain/cluster-bill/whole-weights.ts";

/** Idle capacity of a pool, or of all of them, and who used how much of each resource there. */
export type IdleGroup<C> = {
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

export function idleGroup<T, C extends Column<T>>(
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

/** Notes what a pool's rows used of a resource, in effective cost. */
export function noteUse<T, C extends Column<T>>(
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

/** Gives the idle capacity of a group to those who used its resources, or keeps it where the settings or nobody's use say so. */
export function spreadIdle<T, C extends Column<T>>(work: Work<T, C>, group: IdleGroup<C>): void {
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
