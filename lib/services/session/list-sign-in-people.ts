import type { Role } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import type { SignInPerson } from "#lib/services/session/session-view.ts";

/** People to choose from on the sign-in page: one or two of each role in the demo, nobody elsewhere. */
export async function listSignInPeople(context: { database: Database; now: Date }): Promise<SignInPerson[]> {
  const { pool } = context.database;
  const demo = await pool.query("SELECT 1 FROM instance_setting WHERE name = 'demo'");
  if (demo.rowCount === 0) return [];
  const { rows } = await pool.query<{ mail: string; name: string; role: Role; team_name: string | null }>(
    `SELECT mail, name, role, team_name FROM (
       SELECT p.mail, p.name, p.role, t.team_name,
              row_number() OVER (PARTITION BY p.role ORDER BY p.mail) AS place
       FROM person p LEFT JOIN LATERAL (
         SELECT team_name FROM team_membership WHERE team_key = p.team_key ORDER BY valid_from DESC NULLS LAST LIMIT 1
       ) t ON true
       WHERE (p.active_from IS NULL OR p.active_from <= $1::date) AND (p.active_to IS NULL OR p.active_to > $1::date)
     ) ranked
     WHERE place <= CASE WHEN role = 'member' THEN 3 ELSE 1 END
     ORDER BY array_position(ARRAY['finance', 'platform', 'auditor', 'admin', 'member'], role), mail`,
    [context.now.toISOString().slice(0, 10)],
  );
  return rows.map((row) => ({ mail: row.mail, name: row.name, role: row.role, teamName: row.team_name }));
}
