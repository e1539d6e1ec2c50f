import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { waiverState } from "#lib/domain/posture/waiver.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import { findWaiver } from "#lib/services/waivers/stored-waiver.ts";

const decided = z.strictObject({
  id: z.int().positive(),
  decision: z.enum(["approved", "refused"]),
  note: z.string().trim().max(1_000).nullable().default(null),
});

/**
 * Approves or refuses an accepted risk that somebody else asked for. It holds from the decision on, never for the time before.
 *
 * @throws AppError "forbidden" for whoever asked, "conflict" where it is decided, ended or past already, "not_found".
 */
export async function decideWaiver(context: ServiceContext, input: unknown): Promise<void> {
  await authorise(context, "waivers:decide", "a waiver");
  const { id, decision, note } = checkedInput(decided, input);
  const { actor, now, database } = context;
  const asked = await findWaiver(database.pool, id);
  if (asked.requestedBy === actor.id) {
    await recordActivity(database.pool, { at: now, actor, action: "permission.refused", subject: `own waiver ${id}` });
    throw new AppError("forbidden", "Whoever asks for a waiver cannot be the one who approves or refuses it.", {
      remedy: "Let somebody else decide; to take it back, end it.",
    });
  }
  await database.transact(async ({ sql }) => {
    const waiver = await findWaiver(sql, id);
    if (waiverState(waiver, now) !== "waiting" || waiver.decision !== null) {
      throw new AppError("conflict", `The waiver ${id} no longer waits for a decision.`, {
        remedy: "Look at how it stands now.",
      });
    }
    await sql.query(
      "UPDATE waiver SET decision = $2, decided_by = $3, decided_at = $4, decision_note = $5 WHERE id = $1",
      [id, decision, actor.id, now, note === "" ? null : note],
    );
    await recordActivity(sql, {
      at: now,
      actor,
      action: `waiver.${decision}`,
      subject: `waiver ${id}`,
      before: { ruleKey: waiver.ruleKey, scope: `${waiver.scopeKind} ${waiver.scopeKey}`.trim() },
      after: { decision, note },
    });
  });
}
