import { isAllowed } from "#lib/access/permissions.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { groupSummaries } from "#lib/db/sprawl/list-namespaces.ts";
import { readCostRange } from "#lib/db/sprawl/refresh-costs.ts";
import { readBudgets } from "#lib/db/budgets/read-budgets.ts";
import { day, daysIn, dayOf, periodOf, rangeOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import type { BudgetView } from "#lib/services/budgets/budget-view.ts";
import { toBudgetView } from "#lib/services/budgets/to-budget-view.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { noStrengths } from "#lib/services/sprawl/growth-lines.ts";
import { listedOf, readPage } from "#lib/services/sprawl/list-namespaces.ts";
import { DEFAULT_SPRAWL_QUERY, type OwnerStrength } from "#lib/services/sprawl/sprawl-view.ts";
import { toCosts, toGroups } from "#lib/services/sprawl/to-namespace-row.ts";
import type { SpendView } from "#lib/services/spend/spend-view.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { TeamPageView, TeamQuery } from "#lib/services/teams/team-view.ts";

/** Ranges longer than this are drawn by month. */
const MOST_DAYS_BY_DAY = 62;

/**
 * Everything that a team owns and spends. A member sees the own team.
 *
 * @throws AppError "not_found", also where a member asks for another team.
 */
export async function readTeam(context: ServiceContext, asked: TeamQuery): Promise<TeamPageView> {
  await authorise(context, "sprawl:read", `team ${asked.teamKey}`);
  const { pool } = context.database;
  const { role, teamKey: own } = context.actor;
  const { from, to, asOf, teamKey } = asked;
  const team = role === "member" && own !== teamKey ? null : await findTeam(pool, teamKey, dayOf(asOf ?? context.now));
  if (team === null) throw new AppError("not_found", `There is no team "${teamKey}".`);
  const query = { ...DEFAULT_SPRAWL_QUERY, teams: [teamKey], offset: asked.offset, limit: asked.limit, asOf };
  const spent = { from, to, basis: "effective", compare: "previous", currency: null, asOf } as const;
  const [groups, costRange, spend, accounts] = await Promise.all([
    groupSummaries(pool, listedOf(context, query)),
    readCostRange(pool),
    readSpend(context, {
      ...spent,
      groupBy: "service",
      granularity: daysIn({ from, to }) > MOST_DAYS_BY_DAY ? "month" : "day",
      filters: { team: [teamKey] },
      kinds: [],
    }),
    readAccounts(context, { ...spent, filters: {} }),
  ]);
  const of = (dimension: (typeof groups)[number]["dimension"]) => groups.filter((row) => row.dimension === dimension);
  const count = (state: string) =>
    of("state")
      .filter(({ key }) => key === state)
      .reduce((sum, { namespaces }) => sum + namespaces, 0);
  const byStrength = noStrengths();
  for (const { key, namespaces } of of("strength")) byStrength[key as OwnerStrength] += namespaces;
  return {
    asOf: asOf?.toISOString() ?? null,
    team,
    spend,
    budgets: await readTeamBudgets(context, asked, spend),
    maySetBudget: asOf === null && isAllowed(context.actor, "budgets:write"),
    accounts: accounts.sections.flatMap(({ rows }) => rows).filter(({ owner }) => owner.team?.key === teamKey),
    namespaces: await readPage(context, query),
    counts: {
      namespaces: of("").reduce((sum, { namespaces }) => sum + namespaces, 0),
      unused: count("unused"),
      asleep: count("asleep"),
      unknown: count("unknown"),
      byStrength,
    },
    clusters: toGroups(groups, "cluster_key", (key) => key),
    namespaceCosts: toCosts(of("")),
    costRange: costRange === null ? null : { from: day(costRange.from), to: day(costRange.to) },
  };
}

/** Budgets are a month's: beside other ranges they would say nothing. */
async function readTeamBudgets(
  { database, now }: ServiceContext,
  { teamKey, from, to, asOf }: TeamQuery,
  spend: SpendView,
): Promise<BudgetView[] | null> {
  const period = periodOf(from);
  if (daysIn(rangeOf(period)) !== daysIn({ from, to }) || from !== rangeOf(period).from) return null;
  const stored = await readBudgets(database.pool, { period, asOf, teamKey });
  return stored.map((budget) => {
    const spent = spend.sections.find(({ currency }) => currency === budget.currency)?.bar.total ?? "0";
    return toBudgetView(budget, spent, period, asOf ?? now);
  });
}

/** The team as it stands on a day, or as it last stood; null where there never was one. */
async function findTeam(sql: SqlExecutor, teamKey: string, at: string): Promise<TeamPageView["team"] | null> {
  const [teams, people] = await Promise.all([
    sql.query(
      `SELECT * FROM team_membership WHERE team_key = $1 AND (valid_from IS NULL OR valid_from <= $2)
       ORDER BY valid_from DESC NULLS LAST, id DESC LIMIT 1`,
      [teamKey, at],
    ),
    sql.query(
      `SELECT DISTINCT mail, name FROM person WHERE team_key = $1 AND (active_from IS NULL OR active_from <= $2)
         AND (active_to IS NULL OR active_to > $2) ORDER BY name, mail`,
      [teamKey, at],
    ),
  ]);
  const row = teams.rows[0];
  if (!row) return null;
  return {
    key: teamKey,
    name: String(row.team_name),
    businessUnitName: String(row.business_unit_name),
    costCentre: String(row.cost_centre),
    leadMail: String(row.lead_mail) || null,
    aliases: row.aliases as string[],
    people: people.rows.map(({ mail, name }) => ({ mail: String(mail), name: String(name) })),
  };
}
