import { readSplitCosts, readSplitHeads, type SplitCost } from "#lib/db/cluster-bill/read-splits.ts";
import { readLastActivity, readUsageHours } from "#lib/db/cluster-bill/read-usage-averages.ts";
import { addAmounts, decimal, toAmount, type Amount } from "#lib/domain/money.ts";
import { addDays, eachDay, type Day, type DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import {
  NAMESPACE_COST_RESOURCES,
  type NamespaceCostQuery,
  type NamespaceCostResource,
  type NamespaceCostSection,
  type NamespaceCostView,
} from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { methodOf, readMethods } from "#lib/services/cluster-bill/method-settings.ts";
import { efficiencyOf, usageSeries } from "#lib/services/cluster-bill/namespace-efficiency.ts";
import { assertRange } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** Days of which use is shown hour by hour: the last ones of the range. */
const MOST_USAGE_DAYS = 31;

/**
 * What a namespace cost, by direct, idle and shared and by resource, day by day; and what it used against what it asked for. Members see
 * their own team's namespaces.
 *
 * @throws AppError "not_found" for a namespace of another team, where a member asks; "invalid_input" as readClusterBill.
 */
export async function readNamespaceCost(
  context: ServiceContext,
  query: NamespaceCostQuery,
): Promise<NamespaceCostView> {
  const { clusterKey, namespace, uid, from, to, basis, asOf } = query;
  await authorise(context, "sprawl:read", `${clusterKey} ${namespace}`);
  assertRange(query);
  await assertSeen(context, query);
  const { pool } = context.database;
  const usageRange = lastDays({ from, to });
  const [heads, costs, methods, hours, lastActiveAt] = await Promise.all([
    readSplitHeads(pool, query, basis),
    readSplitCosts(pool, query, basis, { namespace, uid }),
    readMethods(pool, clusterKey, asOf),
    readUsageHours(pool, { clusterKey, namespace, uid, ...usageRange }),
    readLastActivity(pool, { clusterKey, namespace, uid }),
  ]);
  const days = eachDay({ from, to });
  const sections = [...Map.groupBy(costs, ({ currency }) => currency)]
    .map(([currency, found]) =>
      sectionOf(
        currency,
        days,
        found,
        new Set(heads.flatMap((head) => (head.currency === currency ? [head.day] : []))),
        basis === "billed" ? 0 : 1,
      ),
    )
    .toSorted((a, b) => decimal(b.total).comparedTo(a.total));
  const lastDay = addDays(to, -1);
  const settings = methodOf(methods, lastDay);
  const method = methods.find(({ validFrom }) => validFrom === null || validFrom <= lastDay);
  const splits = heads.map(({ splitAt }) => splitAt.getTime());
  const inUsageRange = costs.filter(
    ({ day, currency }) => day >= usageRange.from && currency === sections[0]?.currency,
  );
  return {
    clusterKey,
    namespace,
    uid,
    asOf: asOf?.toISOString() ?? null,
    from,
    to,
    basis,
    sections,
    method: method ?? { ...settings, id: null, validFrom: null, savedBy: null, savedAt: null },
    usage: hours.length === 0 ? null : usageSeries(hours, usageRange),
    efficiency:
      hours.length === 0 ? null : efficiencyOf(hours, usageRange, inUsageRange, basis, sections[0]?.currency ?? null),
    lastActiveAt: lastActiveAt?.toISOString() ?? null,
    splitAt: splits.length === 0 ? null : new Date(Math.max(...splits)).toISOString(),
  };
}

function lastDays({ from, to }: DayRange): DayRange {
  const first = addDays(to, -MOST_USAGE_DAYS);
  return { from: first > from ? first : from, to };
}

async function assertSeen(
  { actor, database }: ServiceContext,
  { clusterKey, namespace, uid }: NamespaceCostQuery,
): Promise<void> {
  if (actor.role !== "member") return;
  const { rows } = await database.pool.query<{ team_key: string }>(
    "SELECT DISTINCT team_key FROM namespace_summary WHERE cluster_key = $1 AND name = $2 AND ($3::text IS NULL OR uid = $3)",
    [clusterKey, namespace, uid],
  );
  // That there is another team's namespace of this name is nothing that a member is told.
  if (actor.teamKey !== null && rows.length > 0 && rows.every((row) => row.team_key === actor.teamKey)) return;
  throw new AppError("not_found", `There is no namespace "${namespace}" in ${clusterKey}.`);
}

function sectionOf(
  currency: string,
  days: readonly Day[],
  costs: readonly SplitCost[],
  split: ReadonlySet<Day>,
  position: 0 | 1,
): NamespaceCostSection {
  const byDay = Map.groupBy(costs, ({ day }) => day);
  const valuesOf = (read: (cost: SplitCost) => Amount[]) =>
    days.map((day) => (split.has(day) ? addAmounts((byDay.get(day) ?? []).flatMap(read)) : null));
  const add = (part: "direct" | "idle" | "shared") => addAmounts(costs.map((cost) => cost[part]));
  const [direct, idle, shared] = [add("direct"), add("idle"), add("shared")];
  const used = NAMESPACE_COST_RESOURCES.filter((resource) => costs.some((cost) => resource in cost.resources));
  const ofResource = (resource: NamespaceCostResource) => (cost: SplitCost) => directOf(cost, resource, position);
  return {
    currency,
    total: addAmounts([direct, idle, shared]),
    direct,
    idle,
    shared,
    resources: used
      .map((resource) => ({ resource, amount: addAmounts(costs.flatMap(ofResource(resource))) }))
      .filter(({ amount }) => amount !== "0"),
    days: [...days],
    trend: [
      { kind: "direct", values: valuesOf(({ direct: amount }) => [amount]) },
      { kind: "idle", values: valuesOf(({ idle: amount }) => [amount]) },
      { kind: "shared", values: valuesOf(({ shared: amount }) => [amount]) },
    ],
    resourceTrend: used.map((resource) => ({ resource, values: valuesOf(ofResource(resource)) })),
  };
}

/** What others took over of a shared namespace is by resource as well, but no direct cost of its own. */
function directOf({ resources, given }: SplitCost, resource: NamespaceCostResource, position: 0 | 1): Amount[] {
  const amount = given === "0" ? resources[resource]?.[position] : undefined;
  return amount === undefined ? [] : [toAmount(decimal(amount))];
}
