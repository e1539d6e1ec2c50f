import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { toPool } from "#lib/services/rules/load-allocation.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import { lockRules } from "#lib/services/rules/rule-versions.ts";

/** Takes a pool out of force. Refused while a rule sends cost to it. */
export async function removePool(context: ServiceContext, input: { key: string }): Promise<{ runIds: string[] }> {
  await authorise(context, "rules:write", "pools");
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const users = (await lockRules(sql)).filter(
      (rule) => rule.target.kind === "pool" && rule.target.pool === input.key,
    );
    if (users.length > 0)
      throw new AppError("conflict", `The rule "${users[0]?.name}" sends cost to this pool.`, {
        remedy: "Change or remove the rule first.",
      });
    const { rows } = await sql.query(
      "UPDATE pool SET retired_at = clock_timestamp() WHERE key = $1 AND id > 0 AND retired_at IS NULL RETURNING *",
      [input.key],
    );
    const before = rows[0] as Record<string, unknown> | undefined;
    if (!before) throw new AppError("not_found", `There is no shared pool "${input.key}".`);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "pool.removed",
      subject: String(before.name),
      before: toPool(before),
    });
    return { runIds: await requestReallocation(transaction, context) };
  });
}
