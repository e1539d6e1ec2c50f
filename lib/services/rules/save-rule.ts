import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import type { AllocationRule } from "#lib/domain/allocation/rule.ts";
import { periodOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadTeams } from "#lib/services/rules/load-allocation.ts";
import { lastPosition } from "#lib/services/rules/place-rule.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import { lockRules, writeRuleVersion } from "#lib/services/rules/rule-versions.ts";
import { parseRuleDraft } from "#lib/services/rules/rule-draft.ts";
import type { RuleDraft } from "#lib/services/rules/rule-view.ts";

/** Saves a rule as a new version and queues the allocation of every open period. Answers the runs to watch. */
export async function saveRule(context: ServiceContext, input: unknown): Promise<{ ruleId: string; runIds: string[] }> {
  await authorise(context, "rules:write", "rules");
  const draft = parseRuleDraft(input);
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const rules = await lockRules(sql);
    const before = rules.find((rule) => rule.ruleId === draft.ruleId) ?? null;
    if (draft.ruleId !== null && before === null)
      throw new AppError("conflict", "The rule was removed by somebody else meanwhile.", {
        remedy: "Load the page again and decide anew.",
      });
    await assertTargetExists(sql, context, draft);
    const after: AllocationRule = {
      ...draft,
      ruleId: draft.ruleId ?? randomUUID(),
      position: draft.position ?? before?.position ?? lastPosition(rules),
    };
    await writeRuleVersion(sql, context, after);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "rule.saved",
      subject: after.name,
      before: before ?? undefined,
      after,
    });
    return { ruleId: after.ruleId, runIds: await requestReallocation(transaction, context) };
  });
}

async function assertTargetExists(sql: PoolClient, context: ServiceContext, draft: RuleDraft): Promise<void> {
  if (draft.target.kind === "pool") {
    const { pool } = draft.target;
    const found = await sql.query("SELECT 1 FROM pool WHERE key = $1 AND id > 0 AND retired_at IS NULL", [pool]);
    if (found.rowCount === 0)
      throw new AppError("invalid_input", `There is no shared pool "${pool}".`, {
        remedy: "Make the pool first.",
        place: { column: "target" },
      });
  }
  if (draft.target.kind === "team") {
    const { team } = draft.target;
    const teams = await loadTeams(sql, draft.validFrom ?? periodOf(context.now));
    if (!teams.some((known) => known.teamKey === team))
      throw new AppError(
        "invalid_input",
        `The directory has no team "${team}" in ${draft.validFrom ?? periodOf(context.now)}.`,
        { remedy: "Choose one of its teams.", place: { column: "target" } },
      );
  }
}
