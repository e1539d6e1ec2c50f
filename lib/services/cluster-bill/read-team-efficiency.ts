import { readSplitCosts } from "#lib/db/cluster-bill/read-splits.ts";
import { readUsageHours } from "#lib/db/cluster-bill/read-usage-averages.ts";
import type { BillBasis, Resource } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { efficiencyOfAll } from "#lib/domain/efficiency/judge-efficiency.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import type { DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { TeamEfficiencyView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { efficiencyOf } from "#lib/services/cluster-bill/namespace-efficiency.ts";
import { assertRange } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** More namespaces of one team than this are not judged one by one; the costliest are. */
const MOST_NAMESPACES = 500;

/** How well a team's namespaces use what they ask for, and what right-sizing would have saved; the costliest 500 of them. */
export async function readTeamEfficiency(
  context: ServiceContext,
  query: DayRange & { teamKey: string; basis: BillBasis },
): Promise<TeamEfficiencyView> {
  const { teamKey, from, to, basis } = query;
  await authorise(context, "sprawl:read", teamKey);
  if (context.actor.role === "member" && context.actor.teamKey !== teamKey)
    throw new AppError("not_found", `There is no team "${teamKey}".`);
  assertRange(query);
  const { pool } = context.database;
  const { rows } = await pool.query<{ cluster_key: string; uid: string; name: string }>(
    `SELECT cluster_key, uid, name FROM namespace_summary WHERE team_key = $1 AND gone_at IS NULL
     ORDER BY cost_order DESC, uid LIMIT ${MOST_NAMESPACES}`,
    [teamKey],
  );
  const namespaces: TeamEfficiencyView["namespaces"] = [];
  for (const { cluster_key: clusterKey, uid, name: namespace } of rows) {
    const hours = await readUsageHours(pool, { clusterKey, from, to, namespace, uid });
    if (hours.length === 0) continue;
    const costs = await readSplitCosts(pool, { clusterKey, from, to, asOf: null }, basis, { namespace, uid });
    const efficiency = efficiencyOf(hours, { from, to }, costs, basis, costs[0]?.currency ?? null);
    namespaces.push({ clusterKey, namespace, uid, efficiency });
  }
  const all = (resource: Resource) =>
    efficiencyOfAll(
      namespaces.flatMap(({ efficiency }) => efficiency.resources.filter((one) => one.resource === resource)),
    );
  const saved = namespaces.flatMap(({ efficiency: { saving, currency } }) =>
    saving === null || currency === null ? [] : [{ saving, currency }],
  );
  return {
    teamKey,
    from,
    to,
    cpu: all("cpuCores"),
    memory: all("memoryGib"),
    gpu: all("gpus"),
    savings: [...Map.groupBy(saved, ({ currency }) => currency)].map(([currency, found]) => ({
      currency,
      amount: toAmount(sum(found.map(({ saving }) => saving))),
    })),
    namespaces: namespaces.toSorted((a, b) =>
      decimal(b.efficiency.saving ?? "0").comparedTo(a.efficiency.saving ?? "0"),
    ),
  };
}
