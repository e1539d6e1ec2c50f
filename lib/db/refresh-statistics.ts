import type { SqlExecutor } from "#lib/db/activity.ts";

/** The planner's picture of a table is renewed when this part of it has changed; PostgreSQL's own daemon comes a minute too late for a first load. */
const STALE_PART = 0.1;

const ROLL_UP_TABLES = [
  "cost_day",
  "cost_month",
  "cost_day_account",
  "cost_day_service",
  "cost_day_history",
  "charge_key",
  "owner",
  "publication",
];

/** What evaluations and their numbers are kept in. */
export const POSTURE_TABLES = [
  "evaluation",
  "posture_cell",
  "posture_change",
  "posture_month",
  "compliance_resource",
  "evaluation_look",
];

/** Analyses the tables, those of the roll-ups where none are named, that have changed much since they were last looked at. Costs a fraction of a second, and nothing where nothing changed. */
export async function refreshStatistics(sql: SqlExecutor, tables: readonly string[] = ROLL_UP_TABLES): Promise<void> {
  const { rows } = await sql.query(
    `SELECT relname FROM pg_stat_user_tables
     WHERE relname = ANY($1) AND n_mod_since_analyze > 1000 AND n_mod_since_analyze > $2::float8 * n_live_tup`,
    [tables, STALE_PART],
  );
  for (const { relname } of rows) await sql.query(`ANALYZE ${String(relname)}`);
}
