import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Severity } from "#lib/domain/posture/verdict.ts";
import type { RuleDescription } from "#lib/services/posture/posture-view.ts";

/** How every part describes a rule at an instant; the first description where it had none yet. */
export async function readRuleDescriptions(sql: SqlExecutor, ruleKey: string, at: Date): Promise<RuleDescription[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (source_key, part) source_key, part, title, description, severity, remedy, details FROM compliance_rule
     WHERE rule_key = $1 ORDER BY source_key, part, (seen_from <= $2 AND (seen_to IS NULL OR seen_to > $2)) DESC, seen_from`,
    [ruleKey, at],
  );
  return rows.map((row) => ({
    sourceKey: String(row["source_key"]),
    part: String(row["part"]),
    title: String(row["title"]),
    description: row["description"] as string | null,
    severity: row["severity"] as Severity | null,
    remedy: row["remedy"] as string | null,
    details: row["details"],
  }));
}
