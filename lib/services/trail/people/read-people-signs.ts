import type { SqlExecutor } from "#lib/db/activity.ts";
import type { SignEvidence } from "#lib/domain/dormancy/sign.ts";

/**
 * What the audit trail tells of people in a cluster's namespaces in `[from, to]`, by uid; null where no event of the cluster has come. A change counts as use; its
 * absence counts as nothing, because the audit policy of a cluster decides what is written down.
 */
export async function readPeopleSigns(
  sql: SqlExecutor,
  { clusterKey, from, to }: { clusterKey: string; from: Date; to: Date },
): Promise<((uid: string) => SignEvidence) | null> {
  const { rows } = await sql.query(
    `SELECT n.uid, u.at, u.person, u.action FROM namespace_person_use u
     LEFT JOIN namespace n ON n.cluster_key = u.cluster_key AND n.name = u.namespace AND n.seen_to IS NULL AND u.at >= $2
       AND (n.created_at IS NULL OR n.created_at <= u.at)
     WHERE u.cluster_key = $1 AND u.at <= $3`,
    [clusterKey, from, to],
  );
  if (rows.length === 0) return null;
  const uses = new Map(
    rows.map((row): [string, SignEvidence] => {
      const lastUse = (row.at as Date).toISOString();
      // Whose name was dropped with the event is somebody still.
      const detail = `${String(row.person) || "somebody"}: ${String(row.action)}`;
      return [String(row.uid), { state: "observed", observedFrom: lastUse, gaps: [], lastUse, detail }];
    }),
  );
  return (uid) => uses.get(uid) ?? TOLD_NOTHING;
}

const TOLD_NOTHING: SignEvidence = {
  state: "told-nothing",
  detail:
    "The audit log told of no person who changed something in it, which proves nothing: not everything is written down.",
};
