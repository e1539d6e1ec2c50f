import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Day } from "#lib/domain/period.ts";
import type { DirectoryView } from "#lib/domain/ownership/directory-view.ts";

/** The directory as claims are looked up in it: the teams that stand on a day, and people with all of their stretches. */
export async function loadDirectoryView(sql: SqlExecutor, day: Day): Promise<DirectoryView> {
  // One after the other: a transaction has one connection.
  const teams = await sql.query(
    `SELECT DISTINCT ON (team_key) team_key, team_name, aliases, business_unit_key FROM team_membership
     WHERE (valid_from IS NULL OR valid_from <= $1) AND (valid_to IS NULL OR valid_to > $1) ORDER BY team_key, valid_from DESC NULLS LAST`,
    [day],
  );
  const people = await sql.query(
    "SELECT mail, team_key, manager_mail, active_from, active_to FROM person ORDER BY mail, active_from",
  );
  return {
    teams: teams.rows.map((row) => ({
      key: String(row.team_key),
      name: String(row.team_name),
      aliases: row.aliases as string[],
      businessUnitKey: String(row.business_unit_key),
    })),
    people: people.rows.map((row) => ({
      mail: String(row.mail),
      teamKey: String(row.team_key) || null,
      managerMail: String(row.manager_mail) || null,
      activeFrom: row.active_from as string | null,
      activeTo: row.active_to as string | null,
    })),
  };
}
