import { readBudgets } from "#lib/db/budgets/read-budgets.ts";
import { readCostRange } from "#lib/db/sprawl/refresh-costs.ts";
import { countTeams, type TeamCount } from "#lib/db/sprawl/team-counts.ts";
import { decimal } from "#lib/domain/money.ts";
import { day, rangeOf } from "#lib/domain/period.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import { toBudgetView } from "#lib/services/budgets/to-budget-view.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadTeams } from "#lib/services/rules/load-allocation.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendView } from "#lib/services/spend/spend-view.ts";
import { noStrengths } from "#lib/services/sprawl/growth-lines.ts";
import { listedOf } from "#lib/services/sprawl/list-namespaces.ts";
import { DEFAULT_SPRAWL_QUERY, type OwnerStrength } from "#lib/services/sprawl/sprawl-view.ts";
import { toCosts } from "#lib/services/sprawl/to-namespace-row.ts";
import type { TeamRow, TeamsQuery, TeamsView } from "#lib/services/teams/teams-view.ts";

/**
 * Every team of the directory, and every other that something was given to, with what it spends in the month, its budget, its namespaces
 * and its accounts. A member sees the own team alone.
 */
export async function readTeams(context: ServiceContext, { period, asOf }: TeamsQuery): Promise<TeamsView> {
  await authorise(context, "sprawl:read", "teams");
  const { pool } = context.database;
  const isMember = context.actor.role === "member";
  const spent = { ...rangeOf(period), basis: "effective", compare: "previous", currency: null, asOf } as const;
  const [teams, spend, accounts, counts, budgets, costRange] = await Promise.all([
    loadTeams(pool, period),
    readSpend(context, { ...spent, groupBy: "team", granularity: "day", filters: {}, kinds: [] }),
    readAccounts(context, { ...spent, filters: {} }),
    countTeams(pool, listedOf(context, { ...DEFAULT_SPRAWL_QUERY, asOf })),
    readBudgets(pool, { period, asOf, teamKey: null }),
    readCostRange(pool),
  ]);
  const accountsOf = accountsByTeam(accounts.sections.flatMap(({ rows }) => rows));
  const countsOf = Map.groupBy(counts, ({ teamKey }) => teamKey);
  const known = new Map(teams.map((team) => [team.teamKey, team]));
  const keys = new Set([...known.keys(), ...countsOf.keys(), ...accountsOf.keys(), ...spentKeys(spend)]);
  keys.delete("");
  const shown = [...keys].filter((key) => !isMember || key === context.actor.teamKey);
  const rows = shown.map((key): TeamRow => {
    const team = known.get(key);
    const spending = spendOf(spend, key);
    return {
      key,
      name: team?.teamName ?? key,
      businessUnitName: team?.businessUnitName ?? "",
      costCentre: team?.costCentre ?? "",
      isInDirectory: team !== undefined,
      spend: spending,
      budgets: budgets
        .filter(({ teamKey }) => teamKey === key)
        .map((budget) => {
          const used = spending.find(({ currency }) => currency === budget.currency)?.amount ?? "0";
          return toBudgetView(budget, used, period, asOf ?? context.now);
        }),
      ...namespacesOf(countsOf.get(key) ?? []),
      accounts: accountsOf.get(key)?.size ?? 0,
    };
  });
  const nobodys = countsOf.get("") ?? [];
  return {
    asOf: asOf?.toISOString() ?? null,
    period,
    rows: rows.toSorted((a, b) => bySpend(a, b, spend) || a.name.localeCompare(b.name, "en")),
    nobody: isMember ? null : { namespaces: namespacesOf(nobodys).namespaces, accounts: accountsOf.get("")?.size ?? 0 },
    costRange: costRange === null ? null : { from: day(costRange.from), to: day(costRange.to) },
    age: spend.age,
  };
}

/** An account stands in one row for each of its currencies; it is one account all the same. */
function accountsByTeam(
  rows: readonly { provider: string; accountId: string; owner: { team: { key: string } | null } }[],
): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { provider, accountId, owner } of rows) {
    const key = owner.team?.key ?? "";
    const own = found.get(key) ?? new Set<string>();
    own.add(`${provider} ${accountId}`);
    found.set(key, own);
  }
  return found;
}

function spentKeys({ sections }: SpendView): string[] {
  return sections.flatMap(({ rows }) => rows.map(({ key }) => key));
}

function spendOf({ sections }: SpendView, key: string): TeamRow["spend"] {
  return sections.flatMap(({ currency, rows }) =>
    rows.filter((row) => row.key === key).map(({ amount, change, spark }) => ({ currency, amount, change, spark })),
  );
}

function namespacesOf(
  counts: readonly TeamCount[],
): Pick<TeamRow, "namespaces" | "unused" | "namespaceCosts" | "byStrength"> {
  const byStrength = noStrengths();
  for (const { strength, namespaces } of counts) byStrength[strength as OwnerStrength] += namespaces;
  return {
    namespaces: counts.reduce((total, { namespaces }) => total + namespaces, 0),
    unused: counts.reduce((total, { unused }) => total + unused, 0),
    namespaceCosts: toCosts(counts),
    byStrength,
  };
}

/** In the order of the currencies' sections, which is that of their size; different currencies are not compared. */
function bySpend(a: TeamRow, b: TeamRow, { sections }: SpendView): number {
  for (const { currency } of sections) {
    const [left, right] = [a, b].map((row) => decimal(row.spend.find((one) => one.currency === currency)?.amount ?? 0));
    const order = right?.comparedTo(left ?? 0) ?? 0;
    if (order !== 0) return order;
  }
  return 0;
}
