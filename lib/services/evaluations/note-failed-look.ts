import type { SqlExecutor } from "#lib/db/activity.ts";
import type { AppError } from "#lib/errors.ts";

/**
 * Keeps that a look at a part failed. It says nothing about any resource: what was known stays so until the last good look has had its time,
 * and is a gap from then on. Outside of the run's own transaction, which never comes to be.
 */
export async function noteFailedLook(
  sql: SqlExecutor,
  look: { sourceKey: string; part: string; at: Date; error: AppError },
): Promise<void> {
  await sql.query(
    "INSERT INTO evaluation_look (source_key, part, at, outcome, good_until, error) VALUES ($1, $2, $3, 'failed', $3, $4)",
    [look.sourceKey, look.part, look.at, JSON.stringify(look.error)],
  );
}
