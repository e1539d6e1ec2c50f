import type { SqlExecutor } from "#lib/db/activity.ts";
import { exemptionOnNamespace } from "#lib/services/namespaces/gather-evidence.ts";
import type { ExemptionView, OverrideView } from "#lib/services/namespaces/namespace-view.ts";

/** Every decision about whose a namespace is, newest first. */
export async function readOverrides(
  sql: SqlExecutor,
  subject: string,
  teams: ReadonlyMap<string, string>,
  now: Date,
): Promise<OverrideView[]> {
  const { rows } = await sql.query(
    "SELECT * FROM ownership_override WHERE subject_kind = 'namespace' AND subject_key = $1 ORDER BY id DESC",
    [subject],
  );
  return rows.map((row) => {
    const key = String(row.team_key);
    return { team: { key, name: teams.get(key) ?? key }, ...decisionOf(row, now) };
  });
}

/** Every decision to keep a namespace, newest first; what is written on the namespace itself comes before them. */
export async function readExemptions(
  sql: SqlExecutor,
  asked: { clusterKey: string; uid: string; annotations: Readonly<Record<string, string>>; now: Date },
): Promise<ExemptionView[]> {
  const { rows } = await sql.query(
    "SELECT * FROM namespace_exemption WHERE cluster_key = $1 AND uid = $2 ORDER BY id DESC",
    [asked.clusterKey, asked.uid],
  );
  const written = exemptionOnNamespace(asked.annotations);
  const own = rows.map((row) => ({ ...decisionOf(row, asked.now), isAnnotation: false }));
  if (written === null) return own;
  const isActive = written.until === null || Date.parse(written.until) > asked.now.getTime();
  const annotation = { id: 0, ...written, by: "", at: "", endedAt: null, endedBy: null, isActive, isAnnotation: true };
  return [annotation, ...own];
}

function decisionOf(row: Record<string, unknown>, now: Date) {
  const until = row.until as Date | null;
  const endedAt = row.ended_at as Date | null;
  return {
    id: Number(row.id),
    reason: String(row.reason),
    until: until?.toISOString() ?? null,
    by: String(row.decided_by),
    at: (row.decided_at as Date).toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    endedBy: row.ended_by as string | null,
    isActive: endedAt === null && (until === null || until.getTime() > now.getTime()),
  };
}
