import type { SqlExecutor } from "#lib/db/activity.ts";

/** How many pieces of evidence by hand a framework's controls have that are valid at an instant, by control. */
export async function readManual(sql: SqlExecutor, frameworkId: string, at: Date): Promise<Map<string, number>> {
  const { rows } = await sql.query(
    `SELECT control_id, count(*)::int AS n FROM manual_evidence
     WHERE framework_id = $1 AND uploaded_at <= $2 AND (valid_until IS NULL OR valid_until > $2) AND (withdrawn_at IS NULL OR withdrawn_at > $2)
     GROUP BY 1`,
    [frameworkId, at],
  );
  return new Map(rows.map((row) => [String(row["control_id"]), Number(row["n"])]));
}
