import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

/** Every rule that a source has reported, by key. There are some hundreds. */
export async function loadRuleIds(sql: SqlExecutor): Promise<Map<string, number>> {
  const { rows } = await queryPrepared(sql, RULES_SQL, []);
  return toRuleIds(rows);
}

export const RULES_SQL = 'SELECT id, rule_key FROM posture_rule ORDER BY rule_key COLLATE "C"';

/** Rows of `RULES_SQL`, in their order. */
export function toRuleIds(rows: readonly Record<string, unknown>[]): Map<string, number> {
  return new Map(rows.map((row) => [String(row["rule_key"]), Number(row["id"])]));
}
