import type { PoolClient } from "pg";
import { observe } from "#lib/db/observe.ts";
import { judgeDormancy } from "#lib/domain/dormancy/judge-dormancy.ts";
import { clusterEvidence, evidenceOf, type JudgedNamespace } from "#lib/services/namespaces/gather-evidence.ts";
import type { Look } from "#lib/services/namespaces/observation-gaps.ts";
import { protectionOf } from "#lib/services/namespaces/protection.ts";
import { readPeopleSigns } from "#lib/services/trail/people/read-people-signs.ts";
import { readUsageSigns } from "#lib/services/usage/read-usage-signs.ts";

/** Days of quiet that make a namespace unused. */
export const WINDOW_DAYS = 30;
const DAY_MS = 86_400_000;
/** Namespaces whose verdicts are written at once. */
const BATCH_ROWS = 2_000;

type StoredRow = {
  uid: string;
  source_key: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  deletion_at: Date | null;
  phase: string;
  content: JudgedNamespace["content"];
  signs: JudgedNamespace["signs"];
  exempt_reason: string | null;
  exempt_until: Date | null;
};

/**
 * Judges every namespace of a cluster by what has been seen of it up to `at`, and stores the verdicts with their reasons. In the
 * caller's transaction; after a publication, and where an exemption or a setting has changed.
 */
export async function judgeNamespaces(
  sql: PoolClient,
  { clusterKey, at }: { clusterKey: string; at: Date },
): Promise<void> {
  const stored = await readStored(sql, clusterKey, at);
  const looks = await readLooks(sql, clusterKey, at);
  const shared = clusterEvidence(looks.looks, looks.unknown, at);
  const from = new Date(at.getTime() - WINDOW_DAYS * DAY_MS);
  const usage = await readUsageSigns(sql, { clusterKey, from, to: at });
  const people = await readPeopleSigns(sql, { clusterKey, from, to: at });
  const judged = stored.map((row) => {
    const namespace: JudgedNamespace = {
      name: row.name,
      labels: row.labels,
      annotations: row.annotations,
      isTerminating: row.deletion_at !== null || row.phase === "Terminating",
      content: row.content,
      signs: row.signs,
      exemption:
        row.exempt_reason === null
          ? null
          : { reason: row.exempt_reason, until: row.exempt_until?.toISOString() ?? null },
    };
    const judgement = judgeDormancy(evidenceOf(namespace, shared, usage.get(row.uid), people?.(row.uid)), {
      at: at.toISOString(),
      windowDays: WINDOW_DAYS,
      ...protectionOf(row.source_key),
    });
    return { uid: row.uid, judgement };
  });
  for (let start = 0; start < judged.length; start += BATCH_ROWS)
    await sql.query(
      `UPDATE namespace_state s SET judgement = i.judgement, judged_at = $3
       FROM jsonb_to_recordset($2::jsonb) AS i (uid text, judgement jsonb) WHERE s.cluster_key = $1 AND s.uid = i.uid`,
      [clusterKey, JSON.stringify(judged.slice(start, start + BATCH_ROWS)), at],
    );
  await observe(sql, {
    table: "namespace_verdict",
    scope: { cluster_key: clusterKey },
    keys: ["uid"],
    values: ["verdict", "holds_data"],
    rows: judged.map(({ uid, judgement }) => ({ uid, verdict: judgement.verdict, holds_data: judgement.holdsData })),
    at,
  });
  // Only where the answer is another: reasons and contents of every look would be as many as the looks.
  await sql.query(
    `UPDATE namespace_verdict v SET judgement = s.judgement, content = s.content FROM namespace_state s
     WHERE v.cluster_key = $1 AND v.seen_from = $2 AND v.seen_to IS NULL AND v.judgement IS NULL
       AND s.cluster_key = v.cluster_key AND s.uid = v.uid`,
    [clusterKey, at],
  );
}

async function readStored(sql: PoolClient, clusterKey: string, at: Date): Promise<StoredRow[]> {
  const { rows } = await sql.query<StoredRow>(
    `SELECT n.uid, n.source_key, n.name, n.labels, n.annotations, n.deletion_at, n.phase, s.content, s.signs,
            e.reason AS exempt_reason, e.until AS exempt_until
     FROM namespace n JOIN namespace_state s USING (cluster_key, uid)
     LEFT JOIN LATERAL (
       SELECT reason, until FROM namespace_exemption e WHERE e.cluster_key = n.cluster_key AND e.uid = n.uid AND e.ended_at IS NULL
         AND (e.until IS NULL OR e.until > $2) ORDER BY e.id DESC LIMIT 1) e ON true
     WHERE n.cluster_key = $1 AND n.seen_to IS NULL`,
    [clusterKey, at],
  );
  return rows;
}

/** The looks of the window and the last one before it, from which the window's first hours are known. */
async function readLooks(
  sql: PoolClient,
  clusterKey: string,
  at: Date,
): Promise<{ looks: Look[]; unknown: { kind: string; message: string }[] }> {
  const { rows } = await sql.query<{
    at: Date;
    outcome: Look["outcome"];
    unknown: { kind: string; message: string }[];
  }>(
    `SELECT at, outcome, unknown FROM cluster_look WHERE cluster_key = $1 AND at <= $2 AND at >= coalesce(
       (SELECT max(at) FROM cluster_look WHERE cluster_key = $1 AND outcome = 'complete' AND at <= $2::timestamptz - $3 * interval '1 day'),
       '-infinity')
     ORDER BY at, id`,
    [clusterKey, at, WINDOW_DAYS],
  );
  return {
    looks: rows.map((row) => ({
      at: row.at,
      outcome: row.outcome,
      unknownKinds: row.unknown.map(({ kind }) => kind),
    })),
    unknown: rows.findLast(({ outcome }) => outcome !== "failed")?.unknown ?? [],
  };
}
