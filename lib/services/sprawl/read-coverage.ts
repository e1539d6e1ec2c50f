import { readListedAccounts } from "#lib/db/inventory.ts";
import { groupSummaries, type GroupRow } from "#lib/db/sprawl/list-namespaces.ts";
import { readOwnerDays } from "#lib/db/sprawl/read-growth.ts";
import { sharePercent } from "#lib/domain/change.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { dayOf } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadAccountOwners } from "#lib/services/ownership/load-account-owners.ts";
import { coverageOverTime, coveragePart, noStrengths } from "#lib/services/sprawl/growth-lines.ts";
import { OWNER_STRENGTHS, type CoverageView, type OwnerStrength } from "#lib/services/sprawl/sprawl-view.ts";

/** How many namespaces and accounts, and how much of the namespaces' cost, have an owner, by strength. */
export async function readCoverage(context: ServiceContext, { asOf }: { asOf: Date | null }): Promise<CoverageView> {
  await authorise(context, "sprawl:read", "coverage");
  const { role, teamKey } = context.actor;
  const only = role === "member" ? { teamKey } : null;
  const filters = { teams: [], clusters: [], providers: [], strengths: [], states: [], ages: [], search: "", only };
  const groups = await groupSummaries(context.database.pool, { filters, asOf, now: asOf ?? context.now });
  return coverageOf(context, asOf, groups);
}

/** The same for a caller who has asked for permission already. @param groups of every namespace that the actor may see. */
export async function coverageOf(
  context: ServiceContext,
  asOf: Date | null,
  groups: readonly GroupRow[],
): Promise<CoverageView> {
  const { pool } = context.database;
  const { role, teamKey } = context.actor;
  const isMember = role === "member";
  const [listed, owners, days] = await Promise.all([
    readListedAccounts(pool, asOf),
    loadAccountOwners(pool, { day: dayOf(asOf ?? context.now), asOf }),
    readOwnerDays(pool, { only: isMember ? { teamKey } : null, asOf }),
  ]);
  const accounts = noStrengths();
  for (const { provider, accountId } of listed) {
    const owner = owners.get(`${provider} ${accountId}`);
    if (isMember && (teamKey === null || owner?.teamKey !== teamKey)) continue;
    accounts[owner?.strength ?? "none"] += 1;
  }
  const byStrength = groups.filter(({ dimension }) => dimension === "strength");
  const namespaces = noStrengths();
  for (const { key, namespaces: count } of byStrength) namespaces[key as OwnerStrength] += count;
  return {
    namespaces: coveragePart(namespaces),
    accounts: coveragePart(accounts),
    costs: costCoverage(byStrength),
    overTime: coverageOverTime(days, asOf ?? context.now),
  };
}

function costCoverage(rows: readonly GroupRow[]): CoverageView["costs"] {
  const byCurrency = Map.groupBy(
    rows.filter(({ currency }) => currency !== ""),
    ({ currency }) => currency,
  );
  return [...byCurrency].map(([currency, own]) => {
    const of = (strength: OwnerStrength) =>
      toAmount(sum(own.filter(({ key }) => key === strength).map(({ cost }) => cost)));
    const total = toAmount(sum(own.map(({ cost }) => cost)));
    return {
      currency,
      total,
      byStrength: Object.fromEntries(OWNER_STRENGTHS.map((strength) => [strength, of(strength)])) as Record<
        OwnerStrength,
        string
      >,
      ownedPercent: sharePercent(toAmount(decimal(total).minus(of("none"))), total),
    };
  });
}
