import { createHash } from "node:crypto";
import {
  readClusterCosts,
  readDayUses,
  readInventoryNodes,
  readNamespaceLives,
  readUsageDays,
  uidAt,
  type ClusterCostRow,
  type InventoryNode,
} from "#lib/db/cluster-bill/read-split-inputs.ts";
import { lockCluster, readSplitInputs, retireSplit, writeSplit } from "#lib/db/cluster-bill/write-split.ts";
import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { readCostScope, type ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import { lockCluster as lockInventory } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshCosts } from "#lib/db/sprawl/refresh-costs.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { addDays, eachDay, periodsOf, startOf, type Day, type DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { billedParts } from "#lib/services/cluster-bill/billed-parts.ts";
import { amountOnDay, type DayCost, type DayNode } from "#lib/services/cluster-bill/day-hours.ts";
import { columnsOfDay } from "#lib/services/cluster-bill/day-uses.ts";
import { methodOf, readMethods, type MethodSettings } from "#lib/services/cluster-bill/method-settings.ts";
import { splitDay } from "#lib/services/cluster-bill/split-day.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { resourceTail } from "#lib/sources/cluster-costs.ts";

/** Days that are read and split in one transaction. */
const DAYS_AT_ONCE = 31;
/** The longest charge, in days: what touches a day may have begun so long before. */
const LONGEST_CHARGE_DAYS = 31;

const HOUR_MS = 3_600_000;

export type SplitRequest = DayRange & { clusterKey: string; signal?: AbortSignal };

/**
 * Splits the bill of a cluster's days to namespaces, idle, overhead and what was not observed: those days of which cost, usage, nodes or
 * settings have changed since they were split. A day that comes out as it was makes no new version.
 *
 * @returns how many days have a new version.
 * @throws AppError "not_balanced" where the parts of a day are not what was billed for it.
 */
export async function splitCluster(context: ServiceContext, request: SplitRequest): Promise<{ days: number }> {
  await authorise(context, "sources:pull", request.clusterKey);
  let days = 0;
  for (let from = request.from; from < request.to; from = addDays(from, DAYS_AT_ONCE)) {
    const next = addDays(from, DAYS_AT_ONCE);
    days += await splitDays(context, { ...request, from, to: next < request.to ? next : request.to });
  }
  if (days > 0)
    await context.database.transact(async ({ sql }) => {
      await lockInventory(sql, request.clusterKey);
      await refreshCosts(sql, request.clusterKey);
      await recordActivity(sql, {
        at: context.now,
        actor: context.actor,
        action: "cluster.split",
        subject: request.clusterKey,
        after: { from: request.from, to: request.to, days },
      });
    });
  return { days };
}

/**
 * What is read inside of the transaction is what holds when it commits: publications take no lock, but are seen whole or not at all. All
 * days are read at once: most of a history is as it was, and costs no more than that.
 */
async function splitDays(context: ServiceContext, request: SplitRequest): Promise<number> {
  const { clusterKey } = request;
  return context.database.transact(async ({ sql }) => {
    await lockCluster(sql, clusterKey);
    const known = await readKnown(sql, request);
    let changed = 0;
    for (const day of eachDay(request)) {
      request.signal?.throwIfAborted();
      changed += await splitOneDay(sql, day, known);
    }
    return changed;
  });
}

type Known = Awaited<ReturnType<typeof readKnown>>;

/** Everything that a split of these days is made of, but for the hours of use: these are read of a day that has to be split. */
async function readKnown(sql: PoolClient, { clusterKey, from, to }: SplitRequest) {
  const range = { clusterKey, from, to };
  const scope = await readCostScope(sql, periodsAround(range), null);
  const costs = await readClusterCosts(sql, { ...range, sliceIds: scope.map(({ sliceId }) => sliceId) });
  const { rows: closed } = await sql.query<{ period: string }>(
    "SELECT period FROM closed_period WHERE period = ANY($1)",
    [periodsOf(range)],
  );
  return {
    clusterKey,
    nodes: await readInventoryNodes(sql, clusterKey),
    lives: Map.groupBy(await readNamespaceLives(sql, clusterKey), ({ name }) => name),
    scope,
    costs: costs.filter((cost) => counts(scope, cost)),
    usage: new Map((await readUsageDays(sql, range)).map((usage) => [usage.day, usage])),
    before: Map.groupBy(await readSplitInputs(sql, range), ({ day }) => day),
    closed: new Set(closed.map(({ period }) => period)),
    methods: await readMethods(sql, clusterKey, null),
    at: await statementTime(sql),
  };
}

async function splitOneDay(sql: PoolClient, day: Day, known: Known): Promise<number> {
  const { clusterKey, nodes, lives, at } = known;
  const costs = costsOf(day, known);
  const usage = known.usage.get(day);
  const before = known.before.get(day) ?? [];
  const settings = settingsOfClosed(day, before, known) ?? methodOf(known.methods, day);
  const currencies = [...new Set(costs.map(({ currency }) => currency))].toSorted();
  const billedNodes = nodesOfCosts(nodes, costs);
  const uids = costs.map(({ namespace }) => (namespace === "" ? "" : uidAt(lives, namespace, startOf(day).getTime())));
  const wanted = currencies.map((currency) => ({
    currency,
    inputs: stampOf([costs.filter((cost) => cost.currency === currency), uids, usage ?? null, settings, billedNodes]),
  }));
  let changed = 0;
  for (const { currency } of before.filter((split) => !currencies.includes(split.currency))) {
    await retireSplit(sql, { clusterKey, day, currency }, at);
    changed = 1;
  }
  const stale = wanted.filter(
    (split) => before.find((live) => live.currency === split.currency)?.inputs !== split.inputs,
  );
  if (stale.length === 0) return changed;
  const uses = columnsOfDay(await readDayUses(sql, clusterKey, day));
  for (const { currency, inputs } of stale) {
    const dayCosts = costs.flatMap((cost, index) =>
      cost.currency === currency ? [toDayCost(cost, uids[index] ?? "")] : [],
    );
    const startMs = startOf(day).getTime();
    const split = splitDay({
      startMs,
      costs: dayCosts,
      uses,
      nodes: nodes.flatMap(toDayNode),
      observedHours: new Set(usage?.observedHours ?? []),
      settings,
    });
    assertWhole(clusterKey, day, dayCosts, split.rows, split.total);
    await writeSplit(sql, {
      clusterKey,
      day,
      currency,
      ...split.total,
      settings,
      inputs,
      notes: split.notes,
      parts: billedParts(dayCosts, nodes, startMs),
      at,
      rows: split.rows,
    });
    changed = 1;
  }
  return changed;
}

/** The charges that touch a day, of the slices that can have some of it. */
function costsOf(day: Day, { scope, costs }: Pick<Known, "scope" | "costs">): ClusterCostRow[] {
  const range = { from: day, to: addDays(day, 1) };
  const periods = new Set<string>(periodsAround(range));
  const slices = new Set(scope.flatMap(({ sliceId, period }) => (periods.has(period) ? [sliceId] : [])));
  const [fromMs, toMs] = [startOf(range.from).getTime(), startOf(range.to).getTime()];
  return costs.filter(({ sliceId, startsAt, hours }) => {
    const startMs = startsAt.getTime();
    return slices.has(sliceId) && startMs < toMs && startMs + hours * HOUR_MS > fromMs;
  });
}

/** A closed period's days keep the settings that they were split by, whatever was saved since. */
function settingsOfClosed(
  day: Day,
  [split]: readonly { settings: MethodSettings }[],
  { closed }: Pick<Known, "closed">,
): MethodSettings | null {
  return split && closed.has(day.slice(0, 7)) ? split.settings : null;
}

/** The billing periods whose slices can have charges of these days: one can start in the month before. */
export function periodsAround({ from, to }: DayRange) {
  return periodsOf({ from: addDays(from, -LONGEST_CHARGE_DAYS), to });
}

/** Where several sources have cost of the same account, it is counted in one of them. */
export function counts(
  scope: readonly ScopedSlice[],
  { sliceId, account }: Pick<ClusterCostRow, "sliceId" | "account">,
): boolean {
  const slice = scope.find((candidate) => candidate.sliceId === sliceId);
  return slice !== undefined && (slice.countedAccounts === null || slice.countedAccounts.includes(account));
}

export function toDayCost(cost: ClusterCostRow, uid: string): DayCost {
  return {
    kind: cost.kind as DayCost["kind"],
    resourceId: cost.resourceId,
    namespace: cost.namespace,
    uid,
    startMs: cost.startsAt.getTime(),
    hours: cost.hours,
    billed: cost.billed,
    effective: cost.effective,
  };
}

export function toDayNode(node: InventoryNode): DayNode[] {
  const { cpuCores, memoryGib, gpus } = node;
  return [
    {
      name: node.name,
      tail: node.providerId === null ? "" : resourceTail(node.providerId),
      capacityType: node.capacityType,
      capacity: { cpuCores, memoryGib, gpus },
      seenFromMs: node.seenFrom.getTime(),
      seenToMs: node.seenTo?.getTime() ?? Number.POSITIVE_INFINITY,
    },
  ];
}

/** What is known of the machines that were billed: a machine that is new elsewhere changes nothing here. */
function nodesOfCosts(nodes: readonly InventoryNode[], costs: readonly ClusterCostRow[]) {
  const tails = new Set(costs.flatMap(({ kind, resourceId }) => (kind === "node" ? [resourceTail(resourceId)] : [])));
  return nodes
    .filter(({ providerId }) => providerId !== null && tails.has(resourceTail(providerId)))
    .map(({ name, providerId, cpuCores, memoryGib, gpus }) => [name, providerId, cpuCores, memoryGib, gpus]);
}

function stampOf(inputs: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

async function statementTime(sql: PoolClient): Promise<Date> {
  const { rows } = await sql.query<{ at: Date }>("SELECT clock_timestamp() AS at");
  return rows[0]?.at ?? new Date(0);
}

/** Against the charges themselves, added up by another way than the split does. */
function assertWhole(
  clusterKey: string,
  day: Day,
  costs: readonly DayCost[],
  rows: readonly { direct: Record<Basis, string>; idle: Record<Basis, string>; shared: Record<Basis, string> }[],
  total: Record<Basis, string>,
): void {
  for (const basis of ["billed", "effective"] as const) {
    const parts = sum(rows.flatMap((row) => [row.direct[basis], row.idle[basis], row.shared[basis]]));
    const charged = sum(costs.map((cost) => amountOnDay(cost, startOf(day).getTime(), basis)));
    if (parts.equals(charged) && parts.equals(decimal(total[basis]))) continue;
    throw new AppError(
      "not_balanced",
      `The split of ${clusterKey} on ${day} does not balance: ${basis} is ${toAmount(charged)} and its parts are ${toAmount(parts)}.`,
      { remedy: "Nothing was changed. Please report this: it is a defect of Bursar." },
    );
  }
}

type Basis = "billed" | "effective";
