import { periodOf } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { TeamView } from "#lib/services/directory/team-view.ts";
import { loadTeams } from "#lib/services/rules/load-allocation.ts";

/** The directory's teams of this month, by name. */
export async function listTeams(context: ServiceContext): Promise<TeamView[]> {
  await authorise(context, "directory:read", "teams");
  const teams = await loadTeams(context.database.pool, periodOf(context.now));
  return teams
    .map((team) => ({
      key: team.teamKey,
      name: team.teamName,
      businessUnitName: team.businessUnitName,
      costCentre: team.costCentre,
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}
