import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { lockHold } from "#lib/db/trail/holds.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput, reasonText } from "#lib/services/namespaces/named-namespaces.ts";
import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import { refuseOwn } from "#lib/services/trail/retention/refuse-own.ts";

const lifted = z.strictObject({ id: z.int().positive(), reason: reasonText });

/**
 * Lifts a legal hold: what was only kept because of it is dropped with the next retention. Never by whoever it is about.
 *
 * @throws AppError "forbidden", "not_found", "conflict" where it has ended already.
 */
export async function liftHold(context: ServiceContext, input: unknown): Promise<void> {
  await authorise(context, "holds:write", "legal holds");
  const { id, reason } = checkedInput(lifted, input);
  const { actor, now, database } = context;
  const { person } = (await lockHold(database.pool, id)) ?? noHold(id);
  await refuseOwn(context, person, "A hold about yourself is lifted by somebody else.");
  await database.transact(async ({ sql }) => {
    await lockTrail(sql);
    const hold = (await lockHold(sql, id)) ?? noHold(id);
    if (hold.liftedAt !== null || (hold.until !== null && hold.until <= now))
      throw new AppError("conflict", `The hold ${id} has ended already.`, { remedy: "Nothing needs to be done." });
    await sql.query("UPDATE trail_hold SET lifted_by = $2, lifted_at = $3, lift_reason = $4 WHERE id = $1", [
      id,
      actor.id,
      now,
      reason,
    ]);
    const { person, accountId, clusterKey, namespace, sourceKey, from, to } = hold;
    await recordActivity(sql, {
      at: now,
      actor,
      action: "hold.lifted",
      subject: `hold ${id}`,
      before: { reason: hold.reason, person, accountId, clusterKey, namespace, sourceKey, from, to },
      after: { reason },
    });
  });
}

function noHold(id: number): never {
  throw new AppError("not_found", `There is no hold ${id}.`);
}
