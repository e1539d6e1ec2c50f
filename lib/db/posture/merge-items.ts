import type { SqlExecutor } from "#lib/db/activity.ts";
import { PLACED, PLACED_ACCOUNT, PLACED_TEAM } from "#lib/db/posture/place-resources.ts";

/** Which part is taken over, at which instant, and whether nothing was known of it before. */
export type Merged = { sourceKey: string; part: string; at: Date; isFirst: boolean };

/** Adds the rules and resources that `incoming` names to those that are known. */
export async function addNames(sql: SqlExecutor, ruleKeys: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO posture_rule (rule_key) SELECT k FROM (SELECT unnest($1::text[]) AS k UNION SELECT rule_key FROM incoming) t
     WHERE NOT EXISTS (SELECT FROM posture_rule p WHERE p.rule_key = k) ORDER BY k ON CONFLICT DO NOTHING`,
    [ruleKeys],
  );
  await sql.query(`INSERT INTO compliance_resource (kind, resource_key, name, account_id, region, cluster_key, namespace_uid)
    SELECT DISTINCT ON (kind, resource_key) kind, resource_key, name, account_id, region, cluster_key, namespace_uid FROM incoming i
    WHERE NOT EXISTS (SELECT FROM compliance_resource r WHERE r.kind = i.kind AND r.resource_key = i.resource_key)
    ORDER BY kind, resource_key, name, account_id, region, cluster_key, namespace_uid ON CONFLICT DO NOTHING`);
}

/** Makes `next`, what is said now with its cells, and `standing`, the open stretches of the part. */
export async function openMerge(sql: SqlExecutor, { sourceKey, part, at }: Merged): Promise<void> {
  await sql.query("DROP TABLE IF EXISTS placed, next, standing, restated, changed");
  await sql.query(`CREATE TEMP TABLE placed ON COMMIT DROP AS
    SELECT p.id AS rule_id, r.id AS resource_id, i.verdict, i.note, i.evidence_hash, i.valid_from, i.valid_to,
      ${PLACED_TEAM} AS team_key, ${PLACED_ACCOUNT} AS account_id, coalesce(r.cluster_key, '') AS cluster_key,
      coalesce(nullif(i.environment, ''), n.environment, a.environment, '') AS environment
    FROM incoming i JOIN posture_rule p ON p.rule_key = i.rule_key
    JOIN compliance_resource r ON r.kind = i.kind AND r.resource_key = i.resource_key
    ${PLACED}
    LEFT JOIN namespace_place n ON n.cluster_key = r.cluster_key AND n.uid = r.namespace_uid`);
  await sql.query(
    `INSERT INTO posture_cell (grain, rule_id, source_key, part, team_key, account_id, cluster_key, environment)
     SELECT DISTINCT 'full', rule_id, $1, $2, team_key, account_id, cluster_key, environment FROM placed ORDER BY 2, 5, 6, 7, 8
     ON CONFLICT DO NOTHING`,
    [sourceKey, part],
  );
  // An item that began at the instant itself began with this look.
  await sql.query(
    `CREATE TEMP TABLE next ON COMMIT DROP AS
     SELECT p.rule_id, p.resource_id, c.id AS cell_id, p.verdict, p.note, p.evidence_hash,
       nullif(p.valid_from, $3::timestamptz) AS valid_from, p.valid_to
     FROM placed p JOIN posture_cell c ON c.grain = 'full' AND c.rule_id = p.rule_id AND c.source_key = $1 AND c.part = $2
       AND c.team_key = p.team_key AND c.account_id = p.account_id AND c.cluster_key = p.cluster_key AND c.environment = p.environment`,
    [sourceKey, part, at],
  );
  // Cell by cell, whatever the planner believes of tables that nobody has counted yet: the other way round compares all with all.
  await sql.query(
    `CREATE TEMP TABLE standing ON COMMIT DROP AS
     SELECT e.id, c.rule_id, e.resource_id, c.id AS cell_id, e.verdict, e.note, e.evidence_hash, e.valid_from, e.held_from
     FROM posture_cell c CROSS JOIN LATERAL (
       SELECT * FROM evaluation WHERE cell_id = c.id AND valid_to IS NULL AND retired_at IS NULL OFFSET 0) e
     WHERE c.grain = 'full' AND c.source_key = $1 AND c.part = $2`,
    [sourceKey, part],
  );
  await sql.query("CREATE INDEX ON standing (rule_id, resource_id)");
  await sql.query("ANALYZE next, standing");
}

/** Makes `restated`: the things of which something is said now that was not known of the past. */
export async function findRestated(sql: SqlExecutor, { sourceKey, part, isFirst }: Merged): Promise<number> {
  // A verdict that has held at least as long as the source says is what it says.
  const { rowCount } = await sql.query(
    `CREATE TEMP TABLE restated ON COMMIT DROP AS
     SELECT DISTINCT n.rule_id, n.resource_id FROM next n LEFT JOIN standing s USING (rule_id, resource_id)
     WHERE NOT $3 AND (n.valid_to IS NOT NULL
         OR n.valid_from IS NOT NULL AND (s.id IS NULL OR s.verdict <> n.verdict OR s.held_from > n.valid_from))
       AND EXISTS (SELECT FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
         WHERE e.resource_id = n.resource_id AND c.rule_id = n.rule_id AND c.source_key = $1 AND c.part = $2 AND e.retired_at IS NULL)`,
    [sourceKey, part, isFirst],
  );
  await sql.query("ANALYZE restated");
  return rowCount ?? 0;
}

/**
 * Begins, changes and ends the stretches of everything that is not restated. What is missing ends, and what a rule that could not be read
 * said of it becomes unknown.
 */
export async function mergePlain(
  sql: SqlExecutor,
  { at, isFirst }: Merged,
  unread: readonly { ruleKey: string; reason: string }[],
): Promise<{ began: number; ended: number }> {
  // One row for each open stretch that does not go on as it is, and for each thing that is new.
  await sql.query(
    `CREATE TEMP TABLE changed ON COMMIT DROP AS
     SELECT s.id AS old_id, coalesce(n.rule_id, s.rule_id) AS rule_id, s.cell_id AS old_cell, s.verdict AS old_verdict, s.held_from AS old_held,
       coalesce(n.cell_id, CASE WHEN u.rule_id IS NOT NULL THEN s.cell_id END) AS cell_id, coalesce(n.resource_id, s.resource_id) AS resource_id,
       coalesce(n.verdict, CASE WHEN u.rule_id IS NOT NULL THEN 'unknown' END) AS verdict,
       CASE WHEN n.cell_id IS NULL THEN u.reason ELSE n.note END AS note, n.evidence_hash,
       coalesce(n.valid_from, $3) AS valid_from, n.valid_to, NULL::timestamptz AS held_from
     FROM (SELECT * FROM standing s WHERE NOT EXISTS (SELECT FROM restated r WHERE r.rule_id = s.rule_id AND r.resource_id = s.resource_id)) s
     FULL JOIN (SELECT * FROM next n WHERE NOT EXISTS (SELECT FROM restated r WHERE r.rule_id = n.rule_id AND r.resource_id = n.resource_id)) n
       ON n.rule_id = s.rule_id AND n.resource_id = s.resource_id
     LEFT JOIN (SELECT p.id AS rule_id, min(t.reason) AS reason FROM unnest($1::text[], $2::text[]) AS t (rule_key, reason)
       JOIN posture_rule p USING (rule_key) GROUP BY p.id) u ON u.rule_id = s.rule_id AND n.rule_id IS NULL
     WHERE s.id IS NULL OR n.rule_id IS NULL AND u.rule_id IS NULL
       OR (coalesce(n.cell_id, s.cell_id), coalesce(n.verdict, 'unknown'), CASE WHEN n.cell_id IS NULL THEN u.reason ELSE n.note END, n.evidence_hash)
         IS DISTINCT FROM (s.cell_id, s.verdict, s.note, s.evidence_hash)`,
    [unread.map(({ ruleKey }) => ruleKey), unread.map(({ reason }) => reason), at],
  );
  await sql.query("ANALYZE changed");
  await joinHistory(sql);
  const ended = await sql.query("UPDATE evaluation SET valid_to = $1 WHERE id IN (SELECT old_id FROM changed)", [at]);
  const began = await sql.query(
    `INSERT INTO evaluation (cell_id, resource_id, verdict, note, evidence_hash, valid_from, valid_to, recorded_at, held_from, is_first)
     SELECT cell_id, resource_id, verdict, note, evidence_hash, CASE WHEN old_id IS NULL THEN valid_from ELSE $1 END, valid_to, $1,
       CASE WHEN old_verdict = verdict THEN old_held WHEN old_id IS NULL THEN coalesce(held_from, valid_from) ELSE $1 END, $2
     FROM changed WHERE verdict IS NOT NULL ORDER BY cell_id, resource_id, valid_from`,
    [at, isFirst],
  );
  await sql.query("INSERT INTO counted SELECT $1, old_cell, old_verdict, -1 FROM changed WHERE old_id IS NOT NULL", [
    at,
  ]);
  // What the first look brings of the past counts from when it was so; later on only what is open now changes what is so now.
  await sql.query(
    `INSERT INTO counted SELECT CASE WHEN $2 THEN valid_from ELSE $1 END, cell_id, verdict, 1 FROM changed
     WHERE verdict IS NOT NULL AND (valid_to IS NULL OR $2)`,
    [at, isFirst],
  );
  if (isFirst)
    await sql.query(
      "INSERT INTO counted SELECT valid_to, cell_id, verdict, -1 FROM changed WHERE valid_to IS NOT NULL",
    );
  return { began: began.rowCount ?? 0, ended: ended.rowCount ?? 0 };
}

/** Pieces of history that follow each other with the same verdict have held it since the first of them. */
async function joinHistory(sql: SqlExecutor): Promise<void> {
  await sql.query(`UPDATE changed c SET held_from = x.held_from FROM (
      SELECT id, min(valid_from) OVER (PARTITION BY rule_id, resource_id, island) AS held_from FROM (
        SELECT id, rule_id, resource_id, valid_from, count(*) FILTER (WHERE NOT follows) OVER (PARTITION BY rule_id, resource_id ORDER BY valid_from) AS island
        FROM (
          SELECT ctid AS id, rule_id, resource_id, valid_from,
            coalesce(lag(valid_to) OVER own = valid_from AND lag(verdict) OVER own = verdict, false) AS follows
          FROM changed WHERE old_id IS NULL AND EXISTS (SELECT FROM changed WHERE valid_to IS NOT NULL)
          WINDOW own AS (PARTITION BY rule_id, resource_id ORDER BY valid_from)
        ) f
      ) i
    ) x WHERE c.ctid = x.id AND x.held_from <> c.valid_from`);
}
