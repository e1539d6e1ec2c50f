import type { Database } from "#lib/db/client.ts";
import { TEAMS } from "#test/bench/focus-file.ts";

/** Resource patterns that rules ask for, so that reading has to look at every resource. */
export const RESOURCE_PATTERNS = ["*resource/00*", "*resource/a1*", "*service-7:*"];
const ACCOUNT_RULES = 45;

/** 200 teams, a pool split in proportion, and 50 rules: the tag "team", some accounts, some resources, and a few keys into the pool. */
export async function saveAllocation({ pool }: Database): Promise<void> {
  await pool.query(
    `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, source_key)
     SELECT 'team-' || n, 'Team ' || n, 'unit-' || n % 5, 'Unit ' || n % 5, 'cc-' || n, '', '{}', 'bench' FROM generate_series(0, $1 - 1) AS n`,
    [TEAMS],
  );
  await pool.query(
    "INSERT INTO pool (key, name, method, weights, created_by) VALUES ('platform', 'Platform', 'proportional', '{}', 'bench')",
  );
  const toTeam = (number: number) => ({ kind: "team", team: `team-${number}` });
  const rules = [
    { match: { subAccountId: ["account-0"], serviceName: ["Service 1"] }, target: { kind: "pool", pool: "platform" } },
    ...RESOURCE_PATTERNS.map((pattern, index) => ({ match: { resourceId: [pattern] }, target: toTeam(index) })),
    { match: { tag: { keys: ["team"] } }, target: { kind: "tag-value", keys: ["team"] } },
    ...Array.from({ length: ACCOUNT_RULES }, (_, index) => ({
      match: { subAccountId: [`account-${index * 5}`] },
      target: toTeam(index),
    })),
  ];
  for (const [index, { match, target }] of rules.entries())
    await pool.query(
      `INSERT INTO allocation_rule (rule_id, position, name, match, target, created_by) VALUES (gen_random_uuid(), $1, $2, $3, $4, 'bench')`,
      [(index + 1) * 1000, `Rule ${index + 1}`, JSON.stringify(match), JSON.stringify(target)],
    );
}
