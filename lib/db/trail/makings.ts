import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Making } from "#lib/domain/trail/making.ts";

export async function writeMakings(sql: SqlExecutor, makings: readonly Making[]): Promise<void> {
  if (makings.length === 0) return;
  await sql.query(
    `INSERT INTO making (source_key, event_key, kind, cluster_key, name, uid, at, actor, person, through)
     SELECT "sourceKey", "eventKey", kind, "clusterKey", name, uid, at, actor, person, through
     FROM jsonb_to_recordset($1::jsonb) AS i ("sourceKey" text, "eventKey" text, kind text, "clusterKey" text, name text, uid text,
       at timestamptz, actor text, person text, through text)`,
    [JSON.stringify(makings)],
  );
}

/** The newest change by a person in each namespace. */
export type PersonalUse = { clusterKey: string; namespace: string; at: Date; person: string; action: string };

export async function writePersonalUses(sql: SqlExecutor, uses: readonly PersonalUse[]): Promise<void> {
  if (uses.length === 0) return;
  await sql.query(
    `INSERT INTO namespace_person_use (cluster_key, namespace, at, person, action)
     SELECT DISTINCT ON (1, 2) "clusterKey", namespace, at, person, action
     FROM jsonb_to_recordset($1::jsonb) AS i ("clusterKey" text, namespace text, at timestamptz, person text, action text)
     ORDER BY 1, 2, 3 DESC
     ON CONFLICT (cluster_key, namespace) DO UPDATE SET at = excluded.at, person = excluded.person, action = excluded.action
       WHERE excluded.at > namespace_person_use.at`,
    [JSON.stringify(uses)],
  );
}

/** The sources, kinds and clusters that there are makings of. */
export async function readMakingParts(sql: SqlExecutor): Promise<Pick<Making, "sourceKey" | "kind" | "clusterKey">[]> {
  const { rows } = await sql.query(
    'SELECT DISTINCT source_key AS "sourceKey", kind, cluster_key AS "clusterKey" FROM making ORDER BY 1, 2, 3',
  );
  return rows as Pick<Making, "sourceKey" | "kind" | "clusterKey">[];
}

export type NamespaceMaker = {
  source_key: string;
  uid: string;
  actor: string;
  person: string | null;
  through: string | null;
  at: Date;
};

/**
 * Who made the namespaces that a cluster has now. By uid where the trail has it; by name and time otherwise: Kubernetes writes down the second in
 * which it made one, a moment after it was asked, and admission may take half a minute.
 */
export async function readNamespaceMakers(sql: SqlExecutor, clusterKey: string): Promise<NamespaceMaker[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (m.source_key, n.uid) m.source_key, n.uid, m.actor, m.person, m.through, m.at
     FROM making m JOIN namespace n ON n.cluster_key = m.cluster_key AND n.name = m.name AND n.seen_to IS NULL
       AND (m.uid = n.uid OR m.uid IS NULL AND n.created_at BETWEEN m.at - interval '1 second' AND m.at + interval '1 minute')
     WHERE m.kind = 'namespace' AND m.cluster_key = $1 ORDER BY m.source_key, n.uid, m.at`,
    [clusterKey],
  );
  return rows as NamespaceMaker[];
}

/** The sources that have told of a namespace's making in a cluster. */
export async function readMakerSources(sql: SqlExecutor, clusterKey: string): Promise<string[]> {
  const { rows } = await sql.query(
    "SELECT DISTINCT source_key FROM making WHERE kind = 'namespace' AND cluster_key = $1 ORDER BY 1",
    [clusterKey],
  );
  return rows.map(({ source_key: key }) => String(key));
}

export type AccountMaker = { account: string; actor: string; person: string; at: Date };

/** Who asked for the accounts that a source tells of. */
export async function readAccountMakers(sql: SqlExecutor, sourceKey: string): Promise<AccountMaker[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (made.name) made.name AS account, asked.actor, asked.person, asked.at
     FROM making made JOIN making asked ON asked.source_key = made.source_key
       AND (asked.id = made.id AND made.kind = 'account' OR asked.kind = 'account-request' AND asked.uid = made.uid AND made.kind = 'account-result')
     WHERE made.source_key = $1 AND asked.person IS NOT NULL ORDER BY made.name, asked.at`,
    [sourceKey],
  );
  return rows as AccountMaker[];
}
