import type { Actor, Role } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { hashToken } from "#lib/services/session/session-token.ts";

/** Who a cookie's token belongs to; null where it is unknown or has run out. */
export async function readSession(
  context: { database: Database; now: Date },
  input: { token: string },
): Promise<Actor | null> {
  const { rows } = await context.database.pool.query<{
    actor_id: string;
    actor_name: string;
    role: Role;
    team_key: string;
  }>("SELECT actor_id, actor_name, role, team_key FROM session WHERE token_hash = $1 AND expires_at > $2", [
    hashToken(input.token),
    context.now,
  ]);
  const row = rows[0];
  return row ? { id: row.actor_id, name: row.actor_name, role: row.role, teamKey: row.team_key || null } : null;
}
