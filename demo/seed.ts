import { demoRules, DEMO_POOLS } from "#demo/estate/rules.ts";
import type { Estate } from "#demo/estate/estate.ts";
import type { Database } from "#lib/db/client.ts";

const SEEDED_BY = "demo";

/**
 * Puts the demo's rules and pools into an instance that has none yet, and lets people sign in by choosing who they are.
 * Rules that somebody changed in the app stay as they are.
 */
export async function seedDemo(database: Database, estate: Estate): Promise<void> {
  await database.transact(async ({ sql }) => {
    await sql.query("INSERT INTO instance_setting (name, value) VALUES ('demo', $1) ON CONFLICT (name) DO NOTHING", [
      JSON.stringify({ seed: true }),
    ]);
    const { rows } = await sql.query("SELECT 1 FROM allocation_rule UNION ALL SELECT 1 FROM pool WHERE id > 0 LIMIT 1");
    if (rows.length > 0) return;
    for (const { key, name, method, weights } of DEMO_POOLS) {
      await sql.query("INSERT INTO pool (key, name, method, weights, created_by) VALUES ($1, $2, $3, $4, $5)", [
        key,
        name,
        method,
        JSON.stringify(weights),
        SEEDED_BY,
      ]);
    }
    for (const rule of demoRules(estate)) {
      await sql.query(
        `INSERT INTO allocation_rule (rule_id, position, name, match, target, valid_from, valid_to, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          rule.ruleId,
          rule.position,
          rule.name,
          JSON.stringify(rule.match),
          JSON.stringify(rule.target),
          rule.validFrom,
          rule.validTo,
          SEEDED_BY,
        ],
      );
    }
  });
}
