import { recordActivity } from "#lib/db/activity.ts";
import { billingPeriod, periodOf, type BillingPeriod } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** Closes a billing period that is over: from now on no change of a rule touches it; a later delivery is published, allocated by the rules that were in force now. */
export async function closePeriod(context: ServiceContext, input: { period: string }): Promise<void> {
  await authorise(context, "periods:close", input.period);
  const period = readPeriod(input.period);
  if (period >= periodOf(context.now))
    throw new AppError("invalid_input", `${period} is not over yet.`, { remedy: "Close it when the month has ended." });
  await context.database.transact(async ({ sql }) => {
    // clock_timestamp() under the lock of the rules: whatever was saved before is in, whatever comes later is out.
    await sql.query("LOCK TABLE allocation_rule IN SHARE ROW EXCLUSIVE MODE");
    const closed = await sql.query(
      "INSERT INTO closed_period (period, closed_at, closed_by) VALUES ($1, clock_timestamp(), $2) ON CONFLICT DO NOTHING",
      [period, context.actor.id],
    );
    if (closed.rowCount === 1)
      await recordActivity(sql, { at: context.now, actor: context.actor, action: "period.closed", subject: period });
  });
}

/** A period as sent by a person. @throws AppError "invalid_input". */
export function readPeriod(text: string): BillingPeriod {
  try {
    return billingPeriod(text);
  } catch {
    throw new AppError("invalid_input", `"${text}" is not a billing period.`, { remedy: "Write it as 2026-03." });
  }
}
