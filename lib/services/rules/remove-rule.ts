import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import { lockRules, retireRule } from "#lib/services/rules/rule-versions.ts";

/** Takes a rule out of force; its versions stay for every figure of the past. */
export async function removeRule(context: ServiceContext, input: { ruleId: string }): Promise<{ runIds: string[] }> {
  await authorise(context, "rules:write", "rules");
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const before = (await lockRules(sql)).find((rule) => rule.ruleId === input.ruleId);
    if (!before) throw new AppError("not_found", "There is no such rule in force.");
    await retireRule(sql, input.ruleId);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "rule.removed",
      subject: before.name,
      before,
    });
    return { runIds: await requestReallocation(transaction, context) };
  });
}
