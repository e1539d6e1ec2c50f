import type { SqlExecutor } from "#lib/db/activity.ts";
import type { DirectoryTeam } from "#lib/domain/allocation/rule.ts";

/** Team key → owner id for the teams as they stand in one period; owners not known yet are added. */
export async function resolveOwners(sql: SqlExecutor, teams: readonly DirectoryTeam[]): Promise<Map<string, number>> {
  const columns = [
    teams.map((team) => team.teamKey),
    teams.map((team) => team.teamName),
    teams.map((team) => team.businessUnitKey),
    teams.map((team) => team.businessUnitName),
    teams.map((team) => team.costCentre),
  ];
  const incoming = `unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS i (team_key, team_name, business_unit_key, business_unit_name, cost_centre)`;
  await sql.query(
    `INSERT INTO owner (team_key, team_name, business_unit_key, business_unit_name, cost_centre)
     SELECT * FROM ${incoming} ORDER BY team_key ON CONFLICT DO NOTHING`,
    columns,
  );
  const { rows } = await sql.query(
    `SELECT o.team_key, o.id FROM owner o
     JOIN ${incoming} USING (team_key, team_name, business_unit_key, business_unit_name, cost_centre)`,
    columns,
  );
  return new Map(rows.map((row) => [String(row.team_key), Number(row.id)]));
}
