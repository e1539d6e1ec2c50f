import type { SqlExecutor } from "#lib/db/activity.ts";
import { PLACED, PLACED_TEAM } from "#lib/db/posture/place-resources.ts";

/** Finds the open stretches whose owner is another one now, as `moved`; `clusterKey` null = everywhere. Answers how many. */
export async function findMoved(sql: SqlExecutor, clusterKey: string | null): Promise<number> {
  await sql.query("DROP TABLE IF EXISTS moved");
  const { rowCount } = await sql.query(
    `CREATE TEMP TABLE moved ON COMMIT DROP AS
     SELECT * FROM (
       SELECT e.id, e.cell_id AS old_cell, e.resource_id, e.verdict, e.note, e.evidence_hash, e.held_from,
         c.rule_id, c.source_key, c.part, c.account_id, c.cluster_key, c.environment, c.team_key AS old_team, ${PLACED_TEAM} AS team_key
       FROM compliance_resource r
       JOIN evaluation e ON e.resource_id = r.id AND e.valid_to IS NULL AND e.retired_at IS NULL
       JOIN posture_cell c ON c.id = e.cell_id
       ${PLACED}
       WHERE $1::text IS NULL OR r.cluster_key = $1
     ) t WHERE team_key <> old_team`,
    [clusterKey],
  );
  return rowCount ?? 0;
}

/** When anything was last recorded of the parts that `moved` is of. */
export async function lastRecorded(sql: SqlExecutor): Promise<Date | null> {
  const { rows } = await sql.query(
    "SELECT max(recorded_at) AS at FROM evaluation_part WHERE (source_key, part) IN (SELECT source_key, part FROM moved)",
  );
  return rows[0]?.["at"] instanceof Date ? rows[0]["at"] : null;
}

/** Ends what is in `moved` at an instant and goes on with it under the new owner, and collects the change of numbers. */
export async function moveFound(sql: SqlExecutor, at: Date): Promise<void> {
  await sql.query(`INSERT INTO posture_cell (grain, rule_id, source_key, part, team_key, account_id, cluster_key, environment)
    SELECT DISTINCT 'full', rule_id, source_key, part, team_key, account_id, cluster_key, environment FROM moved ORDER BY 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT DO NOTHING`);
  await sql.query("UPDATE evaluation SET valid_to = $1 WHERE id IN (SELECT id FROM moved)", [at]);
  await sql.query("INSERT INTO counted SELECT $1, old_cell, verdict, -1 FROM moved", [at]);
  await sql.query(
    `WITH began AS (
       INSERT INTO evaluation (cell_id, resource_id, verdict, note, evidence_hash, valid_from, recorded_at, held_from, is_first)
       SELECT c.id, m.resource_id, m.verdict, m.note, m.evidence_hash, $1, $1, m.held_from, false
       FROM moved m JOIN posture_cell c ON c.grain = 'full' AND (c.rule_id, c.source_key, c.part, c.team_key, c.account_id, c.cluster_key, c.environment)
         = (m.rule_id, m.source_key, m.part, m.team_key, m.account_id, m.cluster_key, m.environment)
       ORDER BY m.id RETURNING cell_id, verdict
     ) INSERT INTO counted SELECT $1, cell_id, verdict, 1 FROM began`,
    [at],
  );
  await sql.query(
    "UPDATE evaluation_part SET recorded_at = $1 WHERE (source_key, part) IN (SELECT source_key, part FROM moved)",
    [at],
  );
}
