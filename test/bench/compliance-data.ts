import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#lib/db/client.ts";
import { openChanges, storeChanges } from "#lib/db/posture/count-changes.ts";
import { NO_POSTURE_FILTERS, type PopulationQuery } from "#lib/services/posture/posture-view.ts";
import { loadFramework } from "#lib/frameworks/index.ts";

export const FRAMEWORK = "cis-aws-1.4";
/** The history begins here and lasts this long. */
export const FIRST_DAY = "2025-10-01";
export const DAYS = 395;
/** The noon before the last of these days has ended. */
export const NOW = new Date(Date.parse(FIRST_DAY) + (DAYS - 1) * 86_400_000 + 43_200_000);

/** All that there is now, of every rule. */
export const EVERYTHING: PopulationQuery = {
  frameworkId: null,
  asOf: NOW,
  period: null,
  filters: NO_POSTURE_FILTERS,
  verdicts: [],
};

const TYPES = 12;
const RULES_PER_TYPE = 10;
/** Of a hundred evaluations so many have changed once in the course of the history. */
const CHANGED_PERCENT = 15;
const ACCOUNTS = 250;
const TEAMS = 100;
const WAIVERS = 40;

/**
 * Stretches of evaluations as publications leave them, and their numbers made by the product's own code: 120 rules, those of a framework
 * first, on resources of 250 accounts of 100 teams; accounts looked at every day, a few of them late; some accepted risks.
 *
 * @returns how many stretches there are.
 */
export async function makeEvaluations(database: Database, stretches: number): Promise<number> {
  const resources = Math.round(stretches / RULES_PER_TYPE / (1 + CHANGED_PERCENT / 100));
  const named = [...new Set(loadFramework(FRAMEWORK).controls.flatMap(({ rules }) => rules))].filter(
    (rule) => !rule.endsWith("*"),
  );
  const count = TYPES * RULES_PER_TYPE;
  const rules = [...named, ...Array.from({ length: count }, (_, index) => `FILLING_RULE_${index}`)].slice(0, count);
  const { pool } = database;
  await pool.query("INSERT INTO posture_rule (rule_key) SELECT unnest($1::text[])", [rules]);
  await pool.query(`
    INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, source_key)
      SELECT 'team-' || t, 'Team ' || t, 'unit-' || t % 8, 'Unit ' || t % 8, '', '', '{}', 'bench' FROM generate_series(0, ${TEAMS - 1}) t;
    INSERT INTO compliance_rule (source_key, part, rule_key, title, severity, details, seen_from)
      SELECT 'config', 'account-' || a, rule_key, 'Rule ' || rule_key, (ARRAY['critical', 'high', 'medium', 'low'])[1 + id % 4], '{}', '${FIRST_DAY}'
      FROM posture_rule, generate_series(0, ${ACCOUNTS - 1}) a WHERE (id + a) % 3 = 0;
    INSERT INTO compliance_resource (kind, resource_key, name, account_id, region)
      SELECT 'AWS::Kind::T' || i % ${TYPES}, 'arn:aws:kind:eu-central-1:account-' || i % ${ACCOUNTS} || ':thing/' || i, 'thing-' || i,
        'account-' || i % ${ACCOUNTS}, 'eu-central-1' FROM generate_series(0, ${resources - 1}) i;
    INSERT INTO evaluation_part SELECT 'config', 'account-' || a, '${FIRST_DAY}', '${FIRST_DAY}'::timestamptz + interval '${DAYS} days',
      '${FIRST_DAY}'::timestamptz + interval '${DAYS + 2} days', '${FIRST_DAY}'::timestamptz + interval '${DAYS} days' FROM generate_series(0, ${ACCOUNTS - 1}) a;
    INSERT INTO evaluation_gap (source_key, part, gap_from, gap_to)
      SELECT 'config', 'account-' || g % ${ACCOUNTS}, at, at + interval '30 hours'
      FROM (SELECT g, '${FIRST_DAY}'::timestamptz + g * interval '7 days' AS at FROM generate_series(1, 50) g) t;
    INSERT INTO evaluation_look (source_key, part, at, outcome, good_until)
      SELECT 'config', 'account-' || a, at, 'complete', at + interval '2 days' FROM generate_series(0, ${ACCOUNTS - 1}) a,
        generate_series('${FIRST_DAY}'::timestamptz, '${FIRST_DAY}'::timestamptz + interval '${DAYS} days', '1 day') at;
    INSERT INTO posture_cell (grain, rule_id, source_key, part, team_key, account_id, cluster_key, environment)
      SELECT 'full', p.id, 'config', 'account-' || a, 'team-' || a % ${TEAMS}, 'account-' || a, '', (ARRAY['production', 'test', 'development'])[1 + a % 3]
      FROM posture_rule p, generate_series(0, ${ACCOUNTS - 1}) a;
    ANALYZE;`);
  await pool.query(`
    CREATE TABLE bench_series AS
      SELECT c.id AS cell_id, r.id AS resource_id, hashint4extended(r.id * 131 + p.id, 7) & 1023 AS chance,
        '${FIRST_DAY}'::timestamptz + (hashint4extended(r.id * 31 + p.id, 3) & 1023) % 20 * interval '1 day' AS first_at,
        '${FIRST_DAY}'::timestamptz + (20 + (hashint4extended(r.id * 17 + p.id, 5) & 1048575) % ${DAYS - 20}) * interval '1 day' AS changed_at
      FROM compliance_resource r JOIN posture_rule p ON p.id % ${TYPES} = (r.id - 1) % ${TYPES}
      JOIN posture_cell c ON c.rule_id = p.id AND c.account_id = r.account_id;
    INSERT INTO evaluation (cell_id, resource_id, verdict, note, evidence_hash, valid_from, valid_to, recorded_at, held_from, is_first)
      SELECT cell_id, resource_id, verdict, CASE WHEN verdict = 'fail' THEN 'The resource is not as the rule wants it.' END,
        CASE WHEN verdict = 'fail' THEN encode(sha256((cell_id || ' ' || resource_id)::bytea), 'hex') END, f, t, f, f, f = first_at
      FROM (
        SELECT *, first_at AS f, CASE WHEN chance % 100 < ${CHANGED_PERCENT} THEN changed_at END AS t,
          CASE WHEN chance % 7 = 0 THEN 'fail' WHEN chance % 31 = 0 THEN 'unknown' WHEN chance % 29 = 0 THEN 'not_applicable' ELSE 'pass' END AS verdict
        FROM bench_series
        UNION ALL
        SELECT *, changed_at, NULL, CASE WHEN chance % 7 = 0 THEN 'pass' ELSE 'fail' END FROM bench_series WHERE chance % 100 < ${CHANGED_PERCENT}
      ) s ORDER BY f, cell_id;
    DROP TABLE bench_series;
    INSERT INTO waiver (rule_key, scope_kind, scope_key, reason, requested_by, requested_at, valid_from, ends_at, decided_by, decided_at, decision)
      SELECT p.rule_key, k, CASE k WHEN 'account' THEN 'account-' || w WHEN 'team' THEN 'team-' || w ELSE r.kind || ' ' || r.resource_key END, 'Accepted.', 'one',
        '${FIRST_DAY}', '${FIRST_DAY}', '2027-01-01', 'other', '${FIRST_DAY}', 'approved'
      FROM generate_series(1, ${WAIVERS}) w JOIN posture_rule p ON p.id = w JOIN compliance_resource r ON r.id = w * 7,
        LATERAL (SELECT (ARRAY['account', 'team', 'resource'])[1 + w % 3] AS k) s;
    ANALYZE;`);
  await database.transact(async ({ sql }) => {
    await openChanges(sql);
    await sql.query(`INSERT INTO counted SELECT valid_from, cell_id, verdict, 1 FROM evaluation
      UNION ALL SELECT valid_to, cell_id, verdict, -1 FROM evaluation WHERE valid_to IS NOT NULL`);
    await storeChanges(sql);
  });
  await pool.query("VACUUM ANALYZE");
  // What building has left to be written would be written beside the first questions.
  await pool.query("CHECKPOINT");
  await sleep(1_000);
  const { rows } = await pool.query<{ n: number }>("SELECT count(*)::int AS n FROM evaluation");
  return rows[0]?.n ?? 0;
}
