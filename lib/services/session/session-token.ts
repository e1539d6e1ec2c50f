import { createHash, randomBytes } from "node:crypto";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Actor } from "#lib/access/actor.ts";
import type { NewSession } from "#lib/services/session/session-view.ts";

/** A working day; people of finance and audit sign in anew each morning. */
const SESSION_HOURS = 12;

export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Starts a session in the caller's transaction and logs it. Only the token's hash is kept. */
export async function startSession(sql: SqlExecutor, actor: Actor, now: Date): Promise<NewSession> {
  const token = randomBytes(32).toString("base64url");
  const expiresAt = new Date(now.getTime() + SESSION_HOURS * 3_600_000);
  await sql.query("DELETE FROM session WHERE expires_at < $1", [now]);
  await sql.query(
    "INSERT INTO session (token_hash, actor_id, actor_name, role, team_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    [hashToken(token), actor.id, actor.name, actor.role, actor.teamKey ?? "", now, expiresAt],
  );
  await recordActivity(sql, { at: now, actor, action: "session.started", subject: actor.id });
  return { token, expiresAt: expiresAt.toISOString(), actor };
}
