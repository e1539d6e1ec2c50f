import type { SqlExecutor } from "#lib/db/activity.ts";

/**
 * Lets one transaction at a time change evaluations and their numbers, until it ends: what is taken over from a source and what moves to
 * another owner would otherwise each miss the other's rows. Whoever locks clusters as well does so before.
 */
export async function lockPosture(sql: SqlExecutor): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('posture', 0))");
}
