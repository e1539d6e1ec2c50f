import type { PoolClient } from "pg";
import type { AllocationRule } from "#lib/domain/allocation/rule.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { toRule } from "#lib/services/rules/load-allocation.ts";

/** The rules in force, held until the transaction ends, so that two people who edit at once do so one after the other. */
export async function lockRules(sql: PoolClient): Promise<AllocationRule[]> {
  await sql.query("LOCK TABLE allocation_rule IN SHARE ROW EXCLUSIVE MODE");
  const { rows } = await sql.query("SELECT * FROM allocation_rule WHERE retired_at IS NULL ORDER BY position, id");
  return rows.map(toRule);
}

/** Ends the version in force, where there is one, and starts this one at the same instant. */
export async function writeRuleVersion(sql: PoolClient, context: ServiceContext, rule: AllocationRule): Promise<void> {
  // One instant for both, taken under the lock: a period that is closed in between sees the one or the other.
  await sql.query(
    `WITH instant AS MATERIALIZED (SELECT clock_timestamp() AS at),
     retired AS (UPDATE allocation_rule SET retired_at = instant.at FROM instant WHERE rule_id = $1 AND retired_at IS NULL)
     INSERT INTO allocation_rule (rule_id, position, name, match, target, valid_from, valid_to, created_at, created_by)
     SELECT $1, $2, $3, $4, $5, $6, $7, at, $8 FROM instant`,
    [
      rule.ruleId,
      rule.position,
      rule.name,
      JSON.stringify(rule.match),
      JSON.stringify(rule.target),
      rule.validFrom,
      rule.validTo,
      context.actor.id,
    ],
  );
}

export async function retireRule(sql: PoolClient, ruleId: string): Promise<void> {
  await sql.query(
    "UPDATE allocation_rule SET retired_at = clock_timestamp() WHERE rule_id = $1 AND retired_at IS NULL",
    [ruleId],
  );
}
