import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { placeRule } from "#lib/services/rules/place-rule.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import { lockRules, writeRuleVersion } from "#lib/services/rules/rule-versions.ts";

/** Puts a rule at a place in the order (0 = tried first). */
export async function moveRule(
  context: ServiceContext,
  input: { ruleId: string; position: number },
): Promise<{ runIds: string[] }> {
  await authorise(context, "rules:write", "rules");
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const rules = await lockRules(sql);
    const moved = rules.find((rule) => rule.ruleId === input.ruleId);
    if (!moved) throw new AppError("not_found", "There is no such rule in force.");
    const positions = placeRule(rules, input.ruleId, input.position);
    for (const rule of rules) {
      const position = positions.get(rule.ruleId);
      if (position !== undefined && position !== rule.position)
        await writeRuleVersion(sql, context, { ...rule, position });
    }
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "rule.moved",
      subject: moved.name,
      before: { place: rules.indexOf(moved) },
      after: { place: input.position },
    });
    return { runIds: await requestReallocation(transaction, context) };
  });
}
