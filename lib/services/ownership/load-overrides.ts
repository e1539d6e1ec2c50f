import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Claim } from "#lib/domain/ownership/claim.ts";

/** The decisions of people about namespaces, as claims by "<cluster> <uid>": those that stood at an instant, or stand now. */
export async function loadOverrides(
  sql: SqlExecutor,
  asked: { part: string; subjects?: readonly string[]; asOf: Date | null },
): Promise<Map<string, Claim[]>> {
  const { rows } = await sql.query(
    `SELECT subject_key, team_key, reason, until, decided_by, decided_at FROM ownership_override
     WHERE subject_kind = 'namespace' AND part = $1 AND ($2::text[] IS NULL OR subject_key = ANY($2))
       AND CASE WHEN $3::timestamptz IS NULL THEN ended_at IS NULL ELSE decided_at <= $3 AND (ended_at IS NULL OR ended_at > $3) END
     ORDER BY id`,
    [asked.part, asked.subjects ? [...asked.subjects] : null, asked.asOf],
  );
  const overrides = new Map<string, Claim[]>();
  for (const row of rows) {
    const decided = (row.decided_at as Date).toISOString();
    const claim: Claim = {
      origin: "override",
      names: { kind: "team", value: String(row.team_key) },
      detail: `by ${String(row.decided_by)}: ${String(row.reason)}`,
      readAt: decided,
      from: decided,
      to: (row.until as Date | null)?.toISOString() ?? null,
    };
    const key = String(row.subject_key);
    overrides.set(key, [...(overrides.get(key) ?? []), claim]);
  }
  return overrides;
}
