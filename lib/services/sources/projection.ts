import { loadConfig } from "#lib/config.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { requiredProjection } from "#lib/domain/allocation/assign.ts";
import { normaliseTagKey } from "#lib/domain/tags.ts";
import { toRule } from "#lib/services/rules/load-allocation.ts";
import type { AllocationRule } from "#lib/domain/allocation/rule.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";

/** What roll-ups have to keep now: the configured tags and environment tags, and everything that a rule in force looks at. */
export async function currentProjection(sql: SqlExecutor): Promise<Projection> {
  const { rows } = await sql.query(
    "SELECT rule_id, position, name, match, target, valid_from, valid_to FROM allocation_rule WHERE retired_at IS NULL",
  );
  return projectionFor(rows.map(toRule));
}

export function projectionFor(rules: AllocationRule[]): Projection {
  const { tags, environmentTags } = loadConfig();
  const needed = requiredProjection(rules);
  const environment = environmentTags.map(normaliseTagKey);
  return {
    tagKeys: unique([...tags.map(normaliseTagKey), ...environment, ...needed.tagKeys]),
    environmentTags: environment,
    resourcePatterns: unique(needed.resourcePatterns),
  };
}

/** True where a roll-up made with `made` answers everything that `needed` asks for. */
export function covers(made: Projection, needed: Projection): boolean {
  return (
    needed.tagKeys.every((key) => made.tagKeys.includes(key)) &&
    needed.resourcePatterns.every((pattern) => made.resourcePatterns.includes(pattern)) &&
    made.environmentTags.join() === needed.environmentTags.join()
  );
}

function unique(values: string[]): string[] {
  return [...new Set(values)].toSorted();
}
