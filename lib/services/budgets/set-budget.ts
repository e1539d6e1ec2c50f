import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";

const AMOUNT = /^\d{1,20}(\.\d{1,12})?$/;
const budget = z.strictObject({
  teamKey: z.string().min(1).max(200),
  currency: z.string().regex(/^[A-Z]{3}$/, "is a currency of three letters, as EUR"),
  /** Effective cost of a month; null = no budget from then on. */
  amount: z.string().regex(AMOUNT, "is an amount, as 12500 or 12500.50").nullable(),
  /** The first month that it is for. */
  from: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "is a month, as 2026-11"),
});

/**
 * Sets what a team means to spend a month in a currency, from a month on, or that it has no budget from then on. A version for the same
 * first month is replaced and kept, so that an earlier instant is answered as it was then.
 *
 * @throws AppError "forbidden"; "invalid_input" with its place; "not_found" for a team that there never was; "conflict" where the month
 * is closed.
 */
export async function setBudget(context: ServiceContext, draft: unknown): Promise<{ budgetId: number }> {
  await authorise(context, "budgets:write", "budgets");
  const { teamKey, currency, amount, from } = checkedInput(budget, draft);
  return context.database.transact(async ({ sql }) => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('budget ' || $1, 0))", [teamKey]);
    const team = await sql.query("SELECT FROM team_membership WHERE team_key = $1 LIMIT 1", [teamKey]);
    if (team.rowCount === 0) throw new AppError("not_found", `There is no team "${teamKey}".`);
    const closed = await sql.query("SELECT FROM closed_period WHERE period = $1", [from]);
    if (closed.rowCount !== 0)
      throw new AppError("conflict", `${from} is closed, so that its budgets stay as they are.`, {
        remedy: "Choose a first month that is open, or have the period opened again.",
        place: { column: "from" },
      });
    const validFrom = `${from}-01`;
    const before = await sql.query<{ amount: string | null }>(
      `UPDATE budget SET retired_at = $4 WHERE team_key = $1 AND currency = $2 AND valid_from = $3 AND retired_at IS NULL
       RETURNING trim_scale(amount)::text AS amount`,
      [teamKey, currency, validFrom, context.now],
    );
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO budget (team_key, currency, amount, valid_from, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [teamKey, currency, amount, validFrom, context.now, context.actor.id],
    );
    const [replaced] = before.rows;
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: amount === null ? "budget.ended" : "budget.set",
      subject: `${teamKey} ${currency} ${from}`,
      ...(replaced === undefined ? {} : { before: { amount: replaced.amount } }),
      after: { amount: amount === null ? null : toAmount(decimal(amount)), from },
    });
    return { budgetId: Number(rows[0]?.id) };
  });
}
