import { recordActivity } from "#lib/db/activity.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { readPeriod } from "#lib/services/periods/close-period.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";

/** Opens a closed period again and allocates it by the rules in force now. */
export async function reopenPeriod(context: ServiceContext, input: { period: string }): Promise<{ runIds: string[] }> {
  await authorise(context, "periods:close", input.period);
  const period = readPeriod(input.period);
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const { rows } = await sql.query("DELETE FROM closed_period WHERE period = $1 RETURNING closed_at, closed_by", [
      period,
    ]);
    if (rows.length === 0) return { runIds: [] };
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "period.reopened",
      subject: period,
      before: rows[0],
    });
    return { runIds: await requestReallocation(transaction, context, [period]) };
  });
}
