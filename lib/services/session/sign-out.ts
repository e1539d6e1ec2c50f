import type { Role } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { hashToken } from "#lib/services/session/session-token.ts";

/** Ends the session of a cookie's token. */
export async function signOut(context: { database: Database; now: Date }, input: { token: string }): Promise<void> {
  await context.database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ actor_id: string; actor_name: string; role: Role }>(
      "DELETE FROM session WHERE token_hash = $1 RETURNING actor_id, actor_name, role",
      [hashToken(input.token)],
    );
    const ended = rows[0];
    if (!ended) return;
    const actor = { id: ended.actor_id, name: ended.actor_name, role: ended.role, teamKey: null };
    await recordActivity(sql, { at: context.now, actor, action: "session.ended", subject: actor.id });
  });
}
