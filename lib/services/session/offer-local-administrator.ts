import { randomBytes } from "node:crypto";
import { recordActivity } from "#lib/db/activity.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { hashToken } from "#lib/services/session/session-token.ts";

/** A start prints its token on the terminal of whoever started it; nobody needs it the day after. */
const VALID_HOURS = 24;

/**
 * Makes the token with which whoever started Bursar signs in once as the local administrator, and forgets the one before.
 * Only its hash is kept. An instance that is started for one's own data is no demo any more: nobody may choose who they are.
 */
export async function offerLocalAdministrator(context: ServiceContext): Promise<string> {
  await authorise(context, "directory:write", "local administrator");
  const token = randomBytes(32).toString("base64url");
  const expiresAt = new Date(context.now.getTime() + VALID_HOURS * 3_600_000).toISOString();
  await context.database.transact(async ({ sql }) => {
    await sql.query("DELETE FROM instance_setting WHERE name = 'demo'");
    await sql.query(
      "INSERT INTO instance_setting (name, value) VALUES ('local_admin', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [JSON.stringify({ tokenHash: hashToken(token), expiresAt })],
    );
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "local-administrator.offered",
      subject: "local-admin",
      after: { expiresAt },
    });
  });
  return token;
}
