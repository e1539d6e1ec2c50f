import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput, checkUntil, reasonText, untilInstant } from "#lib/services/namespaces/named-namespaces.ts";
import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import { refuseOwn } from "#lib/services/trail/retention/refuse-own.ts";

const text = z.string().trim().min(1).max(500).nullable().default(null);
const instant = z.iso.datetime().nullable().default(null);

const draftSchema = z
  .strictObject({
    reason: reasonText,
    /** Mail of whoever acted. */
    person: text,
    accountId: text,
    clusterKey: text,
    namespace: text,
    sourceKey: text,
    /** When what is held happened: `[from, to)`. */
    from: instant,
    to: instant,
    until: untilInstant.default(null),
  })
  .refine(
    ({ reason: _reason, until: _until, ...scope }) => Object.values(scope).some((value) => value !== null),
    "say what it is about: a person, account, cluster, namespace, source or time",
  )
  .refine(({ from, to }) => from === null || to === null || from < to, {
    path: ["to"],
    error: "the time ends before it begins",
  });

/**
 * Places a legal hold: nothing inside of it is dropped or gets a pseudonym from the moment that this returns. Never by whoever it is about.
 *
 * @throws AppError "forbidden", "invalid_input".
 */
export async function placeHold(context: ServiceContext, draft: unknown): Promise<{ id: number }> {
  await authorise(context, "holds:write", "legal holds");
  const { reason, person, accountId, clusterKey, namespace, sourceKey, from, to, until } = checkedInput(
    draftSchema,
    draft,
  );
  const { actor, now, database } = context;
  await refuseOwn(context, person, "A hold about yourself is placed by somebody else.");
  const end = checkUntil(until, now);
  return database.transact(async ({ sql }) => {
    // A batch that is being dropped ends first, and the next one sees the hold.
    await lockTrail(sql);
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO trail_hold (reason, person, account_id, cluster_key, namespace, source_key, "from", "to", placed_by, placed_at, until)
       VALUES ($1, lower($2), $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
      [reason, person, accountId, clusterKey, namespace, sourceKey, from, to, actor.id, now, end],
    );
    const id = Number(rows[0]?.id);
    if (!Number.isSafeInteger(id)) throw new AppError("internal", "The hold was not kept.");
    await recordActivity(sql, {
      at: now,
      actor,
      action: "hold.placed",
      subject: `hold ${id}`,
      after: { reason, person, accountId, clusterKey, namespace, sourceKey, from, to, until },
    });
    return { id };
  });
}
