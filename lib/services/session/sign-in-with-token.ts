import { timingSafeEqual } from "node:crypto";
import type { Actor } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { AppError } from "#lib/errors.ts";
import { hashToken, startSession } from "#lib/services/session/session-token.ts";
import type { NewSession } from "#lib/services/session/session-view.ts";

const LOCAL_ADMINISTRATOR: Actor = { id: "local-admin", name: "Local administrator", role: "admin", teamKey: null };

/** The one-time local administrator: the token is printed at start, works once, and is forgotten then. */
export async function signInWithToken(
  context: { database: Database; now: Date },
  input: { token: string },
): Promise<NewSession> {
  return context.database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ value: { tokenHash: string; expiresAt: string } }>(
      "SELECT value FROM instance_setting WHERE name = 'local_admin' FOR UPDATE",
    );
    const kept = rows[0]?.value;
    const isRight =
      kept !== undefined &&
      new Date(kept.expiresAt) > context.now &&
      timingSafeEqual(
        Buffer.from(hashToken(input.token), "hex"),
        Buffer.from(kept.tokenHash.padEnd(64, "0").slice(0, 64), "hex"),
      );
    if (!isRight)
      throw new AppError("unauthenticated", "This sign-in link is not valid, was used already, or has run out.", {
        remedy: "Start Bursar again: it prints a new one.",
      });
    await sql.query("DELETE FROM instance_setting WHERE name = 'local_admin'");
    return startSession(sql, LOCAL_ADMINISTRATOR, context.now);
  });
}
