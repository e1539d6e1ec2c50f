import { loadConfig } from "#lib/config.ts";
import { isInventoried } from "#lib/db/trail/read-chain.ts";
import { addAmounts, type Amount } from "#lib/domain/money.ts";
import { addDays, dayOf, eachDay, type Day, type DayRange } from "#lib/domain/period.ts";
import { costAround, movesAround, rangeAround } from "#lib/domain/trail/cost-around.ts";
import { readNamespaceCost } from "#lib/services/cluster-bill/read-namespace-cost.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { ChainCost } from "#lib/services/trail/change/chain-view.ts";

type Place = { occurredAt: Date; clusterKey: string | null; namespace: string | null; accountId: string | null };

/** Parts that are named. */
const MOVES = 3;

/**
 * What the namespace, or else the account, of an event cost in the week before and after its day, by whoever asks: the verbs that read cost refuse
 * and narrow. Null where the event tells of neither.
 */
export async function costOfChange(context: ServiceContext, event: Place): Promise<ChainCost | null> {
  const day = dayOf(event.occurredAt);
  const { from, to } = rangeAround(day);
  const asked = { from, to, basis: "effective" as const, asOf: null };
  const around = { from, to, day, today: dayOf(context.now) };
  const { clusterKey, namespace, accountId } = event;
  if (clusterKey !== null && namespace !== null) {
    const [cost, hasPage] = await Promise.all([
      readNamespaceCost(context, { ...asked, clusterKey, namespace, uid: null }),
      isInventoried(context.database.pool, clusterKey, namespace),
    ]);
    const estimatedFrom = addDays(dayOf(context.now), -loadConfig().settleDays);
    const isFinal = finalDays(around, estimatedFrom);
    const sections = cost.sections.map(({ currency, trend, resourceTrend }) => {
      const values = sumByDay(trend.map((one) => one.values));
      const moves = movesAround(
        day,
        resourceTrend.map((one) => ({ label: one.resource, values: isFinal(one.values) })),
        MOVES,
      );
      return { currency, values, moves, ...costAround(day, isFinal(values)) };
    });
    const of = { kind: "namespace" as const, clusterKey, namespace, hasPage };
    return { of, ...around, sections, madeAt: cost.splitAt, estimatedFrom: estimatedFrom < to ? estimatedFrom : null };
  }
  if (accountId === null) return null;
  const spend = await readSpend(context, {
    ...asked,
    groupBy: "service",
    granularity: "day",
    compare: "none",
    currency: null,
    filters: { subAccount: [accountId] },
    kinds: [],
  });
  const isFinal = finalDays(around, spend.age.estimatedFrom);
  const sections = spend.sections.map(({ currency, trend, rows }) => {
    const values = sumByDay(trend.series.map((one) => one.values));
    const moves = movesAround(
      day,
      rows.map(({ label, spark }) => ({ label, values: isFinal(spark) })),
      MOVES,
    );
    return { currency, values, moves, ...costAround(day, isFinal(values)) };
  });
  const { publishedAt: madeAt, estimatedFrom } = spend.age;
  return { of: { kind: "account", accountId }, ...around, sections, madeAt, estimatedFrom };
}

/** Takes the days out that may still change: half a day's cost beside whole ones would look like a saving. */
function finalDays(range: DayRange, estimatedFrom: Day | null) {
  const days = eachDay(range);
  return (values: readonly (Amount | null)[]) =>
    values.map((value, index) => (estimatedFrom !== null && (days[index] ?? range.to) >= estimatedFrom ? null : value));
}

/** A day is known where one of its parts is. */
function sumByDay(parts: readonly (readonly (Amount | null)[])[]): (Amount | null)[] {
  return (parts[0] ?? []).map((_, index) => {
    const known = parts.flatMap((values) => values[index] ?? []);
    return known.length === 0 ? null : addAmounts(known);
  });
}
