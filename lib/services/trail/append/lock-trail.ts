import type { PoolClient } from "pg";

/** Of pg_advisory_xact_lock: the log has one writer at a time, for its order is what is proven. */
const TRAIL_LOCK = 0x7_2a_11;

/** Takes the log's lock until the transaction ends: nothing is appended, held or dropped meanwhile. */
export async function lockTrail(sql: PoolClient): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock($1)", [TRAIL_LOCK]);
}
