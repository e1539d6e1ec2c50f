import type { Database } from "#lib/db/client.ts";
import { AppError } from "#lib/errors.ts";

/** Whether the database answers. Takes no actor: whoever watches over the process asks without signing in. @throws AppError "unavailable". */
export async function readHealth(context: { database: Database }): Promise<{ status: "ok" }> {
  try {
    await context.database.pool.query("SELECT 1");
  } catch (thrown) {
    throw new AppError("unavailable", "The database does not answer.", { cause: thrown });
  }
  return { status: "ok" };
}
