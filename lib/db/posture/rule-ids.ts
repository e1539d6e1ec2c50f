import type { SqlExecutor } from "#lib/db/activity.ts";

/** Every rule that a source has reported, by key. There are some hundreds. */
export async function loadRuleIds(sql: SqlExecutor): Promise<Map<string, number>> {
  const { rows } = await sql.query('SELECT id, rule_key FROM posture_rule ORDER BY rule_key COLLATE "C"');
  return new Map(rows.map((row) => [String(row["rule_key"]), Number(row["id"])]));
}
