import type { SqlExecutor } from "#lib/db/activity.ts";

/** Makes the table of this transaction that changes of numbers are collected in: one row for each evaluation that comes or goes. */
export async function openChanges(sql: SqlExecutor): Promise<void> {
  await sql.query("DROP TABLE IF EXISTS counted");
  await sql.query(
    "CREATE TEMP TABLE counted (at timestamptz NOT NULL, cell_id int NOT NULL, verdict text NOT NULL, delta int NOT NULL) ON COMMIT DROP",
  );
}

/**
 * Turns what was collected into the numbers of every grain, and carries it into the months that begin later. Under the lock of posture: a
 * month's numbers are always the sum of all changes before it, in whatever order parts are published.
 */
export async function storeChanges(sql: SqlExecutor): Promise<void> {
  await sql.query("DROP TABLE IF EXISTS grained");
  await sql.query(`CREATE TEMP TABLE grained ON COMMIT DROP AS
    SELECT d.at, g.grain, c.rule_id, CASE WHEN g.grain = 'full' THEN c.source_key ELSE '' END AS source_key,
      CASE WHEN g.grain = 'full' THEN c.part ELSE '' END AS part,
      CASE WHEN g.grain IN ('full', 'team') THEN c.team_key ELSE '' END AS team_key,
      CASE WHEN g.grain IN ('full', 'account') THEN c.account_id ELSE '' END AS account_id,
      CASE WHEN g.grain IN ('full', 'cluster') THEN c.cluster_key ELSE '' END AS cluster_key, c.environment,
      sum(d.pass)::int AS pass, sum(d.fail)::int AS fail, sum(d.unknown)::int AS unknown, sum(d.not_applicable)::int AS not_applicable
    FROM (SELECT at, cell_id, ${VERDICTS.map((verdict) => `coalesce(sum(delta) FILTER (WHERE verdict = '${verdict}'), 0) AS ${verdict}`).join(", ")}
      FROM counted GROUP BY at, cell_id) d
    JOIN posture_cell c ON c.id = d.cell_id
    CROSS JOIN (VALUES ('full'), ('team'), ('account'), ('cluster'), ('total')) g (grain)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    HAVING ${VERDICTS.map((verdict) => `sum(d.${verdict}) <> 0`).join(" OR ")}`);
  await sql.query(`INSERT INTO posture_cell (${CELL})
    SELECT DISTINCT ${CELL} FROM grained WHERE grain <> 'full' ORDER BY ${CELL} ON CONFLICT DO NOTHING`);
  await sql.query("DROP TABLE IF EXISTS celled");
  await sql.query(`CREATE TEMP TABLE celled ON COMMIT DROP AS
    SELECT g.at, g.grain, g.rule_id, c.id AS cell_id, ${NUMBERS} FROM grained g JOIN posture_cell c USING (${CELL})`);
  await sql.query("ANALYZE celled");
  await sql.query(`INSERT INTO posture_change (at, grain, rule_id, cell_id, ${NUMBERS})
    SELECT at, grain, rule_id, cell_id, ${NUMBERS} FROM celled ORDER BY grain, rule_id, at, cell_id`);
  await carryOver(sql);
}

const VERDICTS = ["pass", "fail", "unknown", "not_applicable"] as const;
const NUMBERS = VERDICTS.join(", ");
const CELL = "grain, rule_id, source_key, part, team_key, account_id, cluster_key, environment";
const SUMS = VERDICTS.map((verdict) => `sum(${verdict})::int AS ${verdict}`).join(", ");

async function carryOver(sql: SqlExecutor): Promise<void> {
  await sql.query(`INSERT INTO posture_month (starts_at, grain, rule_id, cell_id, ${NUMBERS})
    SELECT m.starts_at, c.grain, c.rule_id, c.cell_id, ${SUMS}
    FROM celled c JOIN (SELECT s AS starts_at FROM (SELECT min(starts_at) AS first, max(starts_at) AS last FROM posture_month) b,
        generate_series(b.first, b.last, '1 month') s) m ON m.starts_at > c.at
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (starts_at, grain, rule_id, cell_id) DO UPDATE SET
      ${VERDICTS.map((verdict) => `${verdict} = posture_month.${verdict} + excluded.${verdict}`).join(", ")}`);
  // Each missing month begins with the one before it and what changed meanwhile. The first ever begins with nothing.
  const { rows } = await sql.query(`SELECT s AS starts_at FROM (
      SELECT date_trunc('month', max(at)) AS last, (SELECT max(starts_at) FROM posture_month) AS known,
        (SELECT date_trunc('month', min(at)) FROM posture_change) AS first FROM posture_change) b,
      generate_series(coalesce(b.known, b.first) + interval '1 month', b.last, '1 month') s ORDER BY 1`);
  for (const { starts_at: startsAt } of rows)
    await sql.query(
      `INSERT INTO posture_month (starts_at, grain, rule_id, cell_id, ${NUMBERS})
       SELECT $1, grain, rule_id, cell_id, ${SUMS} FROM (
         SELECT grain, rule_id, cell_id, ${NUMBERS} FROM posture_month WHERE starts_at = $1::timestamptz - interval '1 month'
         UNION ALL
         SELECT grain, rule_id, cell_id, ${NUMBERS} FROM posture_change WHERE at >= $1::timestamptz - interval '1 month' AND at < $1
       ) x GROUP BY grain, rule_id, cell_id
       HAVING ${VERDICTS.map((verdict) => `sum(${verdict}) <> 0`).join(" OR ")} ORDER BY grain, rule_id, cell_id`,
      [startsAt],
    );
}
