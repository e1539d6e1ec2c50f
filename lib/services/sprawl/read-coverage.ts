import { readListedAccounts } from "#lib/db/inventory.ts";
import { groupSummaries, type GroupRow } from "#lib/db/sprawl/list-namespaces.ts";
import { readAccountSpans, readCostOwnerDays, readOwnerDays } from "#lib/db/sprawl/read-growth.ts";
import { sharePercent } from "#lib/domain/change.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { ownerResolver } from "#lib/domain/ownership/resolve-owner.ts";
import { dayOf, type Day } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadAccountOwners } from "#lib/services/ownership/load-account-owners.ts";
import { loadAccountClaimStretches } from "#lib/services/ownership/load-claims.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";
import { accountOwnerDays } from "#lib/services/sprawl/account-owner-days.ts";
import { coverageOverTime, coveragePart, coverageRange, noStrengths } from "#lib/services/sprawl/growth-lines.ts";
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
  const [listed, owners, overTime] = await Promise.all([
    readListedAccounts(pool, asOf),
    loadAccountOwners(pool, { day: dayOf(asOf ?? context.now), asOf }),
    readOverTime(context, asOf),
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
    overTime,
  };
}

async function readOverTime(context: ServiceContext, asOf: Date | null): Promise<CoverageView["overTime"]> {
  const { pool } = context.database;
  const { role, teamKey } = context.actor;
  const isMember = role === "member";
  const until = asOf ?? context.now;
  const range = coverageRange(until);
  const [owners, spans, claims, directory, costs] = await Promise.all([
    readOwnerDays(pool, { only: isMember ? { teamKey } : null, asOf }),
    readAccountSpans(pool, asOf),
    loadAccountClaimStretches(pool, asOf),
    loadDirectoryView(pool, dayOf(until)),
    isMember ? [] : readCostOwnerDays(pool, { ...range, asOf }),
  ]);
  // A member without a team has no account.
  const accounts =
    isMember && teamKey === null
      ? []
      : accountOwnerDays(spans, claims, ownerResolver(directory), isMember ? teamKey : null);
  const firstDay = owners[0]?.day;
  return {
    namespaces: coverageOverTime(owners, until),
    accounts: coverageOverTime(accounts, until),
    // Before namespaces were first looked at nobody can say whose they were.
    costs: costsOverTime(costs.filter(({ day }) => firstDay !== undefined && day >= firstDay)),
  };
}

function costsOverTime(
  rows: readonly { day: Day; currency: string; strength: string; amount: string }[],
): CoverageView["overTime"]["costs"] {
  return [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, own]) => ({
    currency,
    days: [...Map.groupBy(own, ({ day }) => day)].map(([day, parts]) => {
      const total = toAmount(sum(parts.map(({ amount }) => amount)));
      const owned = toAmount(sum(parts.filter(({ strength }) => strength !== "none").map(({ amount }) => amount)));
      return { day, total, owned, ownedPercent: sharePercent(owned, total) };
    }),
  }));
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
