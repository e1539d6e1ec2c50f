import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { toPool } from "#lib/services/rules/load-allocation.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import { lockRules } from "#lib/services/rules/rule-versions.ts";

const poolSchema = z
  .strictObject({
    key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens"),
    name: z.string().trim().min(1).max(200),
    method: z.enum(["even", "proportional", "fixed"]),
    weights: z.record(
      z.string().min(1),
      z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, "a weight is a number that is not negative"),
    ),
  })
  .refine((pool) => pool.method !== "fixed" || Object.values(pool.weights).some((weight) => /[1-9]/.test(weight)), {
    message: "fixed weights need at least one that is not zero",
    path: ["weights"],
  });

/** Saves a shared pool as a new version and queues the allocation of every open period. */
export async function savePool(context: ServiceContext, input: unknown): Promise<{ runIds: string[] }> {
  await authorise(context, "rules:write", "pools");
  const parsed = poolSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError("invalid_input", `The pool cannot be saved: ${issue?.path.join(".")} — ${issue?.message}.`, {
      place: { column: issue?.path.join(".") },
    });
  }
  const pool = parsed.data;
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    await lockRules(sql);
    const before = await sql.query(
      "UPDATE pool SET retired_at = clock_timestamp() WHERE key = $1 AND id > 0 AND retired_at IS NULL RETURNING *",
      [pool.key],
    );
    await sql.query(
      "INSERT INTO pool (key, name, method, weights, created_at, created_by) VALUES ($1, $2, $3, $4, clock_timestamp(), $5)",
      [pool.key, pool.name, pool.method, JSON.stringify(pool.weights), context.actor.id],
    );
    const row = before.rows[0] as Record<string, unknown> | undefined;
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "pool.saved",
      subject: pool.name,
      before: row && toPool(row),
      after: pool,
    });
    return { runIds: await requestReallocation(transaction, context) };
  });
}
