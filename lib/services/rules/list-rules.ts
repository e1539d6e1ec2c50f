import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { toPool, toRule } from "#lib/services/rules/load-allocation.ts";
import type { PoolView, RuleView } from "#lib/services/rules/rule-view.ts";

/** The rules in force at `asOf` or now, in the order in which they are tried. */
export async function listRules(context: ServiceContext, asked: { asOf?: Date | null } = {}): Promise<RuleView[]> {
  await authorise(context, "rules:read", "rules");
  const { rows } = await context.database.pool.query<Record<string, unknown>>(
    `SELECT r.*, p.name AS creator FROM allocation_rule r LEFT JOIN person p ON p.mail = r.created_by AND p.active_to IS NULL
     WHERE ${IN_FORCE} ORDER BY position, r.id`,
    [asked.asOf ?? null],
  );
  return rows.map((row) => ({
    ...toRule(row),
    createdAt: (row.created_at as Date).toISOString(),
    createdBy: String(row.creator ?? row.created_by),
  }));
}

/** The shared pools in force at `asOf` or now. */
export async function listPools(context: ServiceContext, asked: { asOf?: Date | null } = {}): Promise<PoolView[]> {
  await authorise(context, "rules:read", "pools");
  const { rows } = await context.database.pool.query<Record<string, unknown>>(
    `SELECT r.* FROM pool r WHERE r.id > 0 AND ${IN_FORCE} ORDER BY key`,
    [asked.asOf ?? null],
  );
  return rows.map((row) => {
    const { key, name, method, weights } = toPool(row);
    return {
      key,
      name,
      method,
      weights,
      createdAt: (row.created_at as Date).toISOString(),
      createdBy: String(row.created_by),
    };
  });
}

const IN_FORCE =
  "($1::timestamptz IS NULL AND r.retired_at IS NULL OR r.created_at <= $1 AND (r.retired_at IS NULL OR r.retired_at > $1))";
