import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { waiverState, type WaiverState } from "#lib/domain/posture/waiver.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import { findWaiver } from "#lib/services/waivers/stored-waiver.ts";

const ended = z.strictObject({ id: z.int().positive() });

const STANDING: readonly WaiverState[] = ["waiting", "active", "ending", "upcoming"];

/**
 * Ends a waiver before its day, or takes a request back: from now on its failures are failures. Whoever asked may, and who may decide.
 *
 * @throws AppError "forbidden", "conflict" where it does not stand any more, "not_found".
 */
export async function endWaiver(context: ServiceContext, input: unknown): Promise<void> {
  await authorise(context, "waivers:request", "a waiver");
  const { id } = checkedInput(ended, input);
  const { actor, now, database } = context;
  const { requestedBy } = await findWaiver(database.pool, id);
  if (requestedBy !== actor.id) await authorise(context, "waivers:decide", `waiver ${id}`);
  await database.transact(async ({ sql }) => {
    const waiver = await findWaiver(sql, id);
    if (!STANDING.includes(waiverState(waiver, now)))
      throw new AppError("conflict", `The waiver ${id} has ended already.`, { remedy: "Nothing needs to be done." });
    await sql.query("UPDATE waiver SET ended_at = $2, ended_by = $3 WHERE id = $1", [id, now, actor.id]);
    await recordActivity(sql, {
      at: now,
      actor,
      action: "waiver.ended",
      subject: `waiver ${id}`,
      before: {
        ruleKey: waiver.ruleKey,
        scope: `${waiver.scopeKind} ${waiver.scopeKey}`.trim(),
        reason: waiver.reason,
      },
    });
  });
}
