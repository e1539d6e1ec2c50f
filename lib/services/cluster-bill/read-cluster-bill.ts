import { readChargedDays, readCharged } from "#lib/db/cluster-bill/read-control-total.ts";
import { readSplitCosts, readSplitHeads, type SplitHead } from "#lib/db/cluster-bill/read-splits.ts";
import { readObservedHours, readUsageAverages } from "#lib/db/cluster-bill/read-usage-averages.ts";
import { readCostScope } from "#lib/db/spend/cost-scope.ts";
import { isAllowed } from "#lib/access/permissions.ts";
import { decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import { addDays, daysIn, eachDay, startOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { clusterSection } from "#lib/services/cluster-bill/cluster-section.ts";
import type { ClusterBillQuery, ClusterBillView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { amountOnDay } from "#lib/services/cluster-bill/day-hours.ts";
import { methodOf, readMethods } from "#lib/services/cluster-bill/method-settings.ts";
import { counts, periodsAround, toDayCost } from "#lib/services/cluster-bill/split-cluster.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

const MOST_DAYS = 400;
const HOURS_OF_A_DAY = 24;

/**
 * A cluster's bill over some days: namespaces, shared, overhead, idle and unobserved, and at the right edge what the provider billed for it,
 * summed from the charges by another way than the split's. Half-open days; one section a currency.
 *
 * @throws AppError "invalid_input" where the range is empty or longer than 400 days; "forbidden" for members, who see their own
 *   namespaces' cost by readNamespaceCost.
 */
export async function readClusterBill(context: ServiceContext, query: ClusterBillQuery): Promise<ClusterBillView> {
  const { clusterKey, from, to, basis, asOf } = query;
  await authorise(context, "sprawl:read", clusterKey);
  if (context.actor.role === "member")
    throw new AppError("forbidden", "The bill of a whole cluster is not a team's own.", {
      remedy: "Look at the cost of your namespaces instead.",
    });
  assertRange(query);
  const { pool } = context.database;
  const heads = await readSplitHeads(pool, query, basis);
  const [costs, averages, observedHours, methods, owners, charged] = await Promise.all([
    readSplitCosts(pool, query, basis),
    readUsageAverages(pool, query),
    readObservedHours(pool, query),
    readMethods(pool, clusterKey, asOf),
    pool.query<{ uid: string; team_key: string }>(
      "SELECT uid, team_key FROM namespace_summary WHERE cluster_key = $1",
      [clusterKey],
    ),
    asOf === null ? readChargedNow(context, query) : chargedThen(heads),
  ]);
  const days = eachDay({ from, to });
  const used = methods.filter(
    ({ validFrom }, index) => (validFrom === null || validFrom < to) && (methods[index - 1]?.validFrom ?? to) > from,
  );
  const teamOf = new Map(owners.rows.map((row) => [row.uid, row.team_key]));
  const currencies = [...new Set([...costs.map(({ currency }) => currency), ...charged.totals.keys()])];
  const sections = currencies
    .map((currency) =>
      clusterSection({
        currency,
        basis,
        days,
        heads: heads.filter((head) => head.currency === currency),
        costs: costs.filter((cost) => cost.currency === currency),
        controlTotal: charged.totals.get(currency) ?? "0",
        chargedDays: charged.days.flatMap((charge) => (charge.currency === currency ? [charge.day] : [])),
        averages,
        teamOf,
        sharedNames: methodOf(methods, addDays(to, -1)).shared.names,
      }),
    )
    .toSorted((a, b) => decimal(b.bar.controlTotal).comparedTo(a.bar.controlTotal));
  return {
    clusterKey,
    asOf: asOf?.toISOString() ?? null,
    from,
    to,
    basis,
    sections,
    methods: used,
    idleOwner: await readIdleOwner(context, clusterKey),
    notes: notesOf(heads),
    splitAt: newest(heads),
    observedHours,
    hours: daysIn({ from, to }) * HOURS_OF_A_DAY,
    may: { changeMethod: isAllowed(context.actor, "rules:write") },
  };
}

export function assertRange({ from, to }: Pick<ClusterBillQuery, "from" | "to">): void {
  const days = daysIn({ from, to });
  if (days >= 1 && days <= MOST_DAYS) return;
  throw new AppError("invalid_input", `A range of ${days} days cannot be shown.`, {
    remedy: `Choose between 1 and ${MOST_DAYS} days.`,
  });
}

type Charged = { totals: Map<string, Amount>; days: { day: ReturnType<typeof addDays>; currency: string }[] };

async function readChargedNow(
  context: ServiceContext,
  { clusterKey, from, to, basis }: ClusterBillQuery,
): Promise<Charged> {
  const { pool } = context.database;
  const scope = await readCostScope(pool, periodsAround({ from, to }), null);
  const range = { clusterKey, from, to, sliceIds: scope.map(({ sliceId }) => sliceId) };
  const { whole, parts } = await readCharged(pool, range, basis);
  const days = eachDay({ from, to });
  const amounts = [
    ...whole.filter((charge) => counts(scope, charge)),
    ...parts
      .filter((charge) => counts(scope, charge))
      .map((charge) => ({
        currency: charge.currency,
        amount: toAmount(sum(days.map((day) => amountOnDay(toDayCost(charge, ""), startOf(day).getTime(), basis)))),
      })),
  ];
  const byCurrency = Map.groupBy(amounts, ({ currency }) => currency);
  return {
    totals: new Map(
      [...byCurrency].map(([currency, found]) => [currency, toAmount(sum(found.map(({ amount }) => amount)))]),
    ),
    days: await readChargedDays(pool, range),
  };
}

/** What was billed as it was known then: the charges themselves have been replaced since, their sums by day are kept. */
function chargedThen(heads: readonly SplitHead[]): Charged {
  const byCurrency = Map.groupBy(heads, ({ currency }) => currency);
  return {
    totals: new Map(
      [...byCurrency].map(([currency, found]) => [currency, toAmount(sum(found.map(({ amount }) => amount)))]),
    ),
    days: [],
  };
}

/** The team of the account that the cluster runs in. */
async function readIdleOwner(context: ServiceContext, clusterKey: string): Promise<string | null> {
  const { rows } = await context.database.pool.query<{ team_key: string }>(
    `SELECT team_key FROM namespace_summary WHERE cluster_key = $1 AND name = 'kube-system' AND gone_at IS NULL AND team_key <> '' LIMIT 1`,
    [clusterKey],
  );
  return rows[0]?.team_key ?? null;
}

function notesOf(heads: readonly SplitHead[]): ClusterBillView["notes"] {
  const days = new Map<string, Set<string>>();
  for (const { day, notes } of heads)
    for (const { text } of notes) days.set(text, (days.get(text) ?? new Set<string>()).add(day));
  return [...days].map(([text, found]) => ({ text, days: found.size }));
}

function newest(heads: readonly SplitHead[]): string | null {
  const last = heads.reduce<Date | null>(
    (latest, { splitAt }) => (latest === null || splitAt > latest ? splitAt : latest),
    null,
  );
  return last?.toISOString() ?? null;
}
