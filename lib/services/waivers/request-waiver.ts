import { z } from "zod";
import { recordActivity, type SqlExecutor } from "#lib/db/activity.ts";
import { LONGEST_DAYS, WAIVER_SCOPES } from "#lib/domain/posture/waiver.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput, reasonText } from "#lib/services/namespaces/named-namespaces.ts";
import { teamOfScope } from "#lib/services/waivers/waiver-scope.ts";

const DAY_MS = 86_400_000;

const request = z.strictObject({
  ruleKey: z.string().min(1).max(300),
  scope: z.strictObject({ kind: z.enum(WAIVER_SCOPES), key: z.string().max(2_100) }),
  reason: reasonText,
  /** When it is to begin; null = as soon as it is approved. */
  validFrom: z.iso.datetime().nullable().default(null),
  endsAt: z.iso.datetime(),
});
type Request = z.output<typeof request>;

/**
 * Asks that the failures of one rule within one scope be accepted until a day. Nothing is waived before somebody else has approved it.
 * Members ask for what is their own team's.
 *
 * @throws AppError "not_found" where no rule or nothing in scope has this key, "invalid_input" where the time does not fit, "forbidden".
 */
export async function requestWaiver(context: ServiceContext, input: unknown): Promise<{ id: number }> {
  await authorise(context, "waivers:request", "a waiver");
  const asked = checkedInput(request, input);
  const { from, to } = checkedTimes(asked, context.now);
  return context.database.transact(async ({ sql }) => {
    await requireRule(sql, asked.ruleKey);
    const scope = { kind: asked.scope.kind, key: asked.scope.kind === "all" ? "" : asked.scope.key };
    requireOwn(context, await teamOfScope(sql, scope));
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO waiver (rule_key, scope_kind, scope_key, reason, requested_by, requested_at, valid_from, ends_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
      [asked.ruleKey, scope.kind, scope.key, asked.reason, context.actor.id, context.now, from, to],
    );
    const [made] = rows;
    if (!made) throw new AppError("internal", "The waiver was not stored.");
    const { id } = made;
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "waiver.requested",
      subject: `waiver ${id}`,
      after: { ...asked, scope, validFrom: from.toISOString(), endsAt: to.toISOString() },
    });
    return { id };
  });
}

function checkedTimes({ validFrom, endsAt }: Request, now: Date): { from: Date; to: Date } {
  const from = validFrom === null ? now : new Date(validFrom);
  const to = new Date(endsAt);
  // A minute of grace: the person's clock and ours differ.
  if (from.getTime() < now.getTime() - 60_000)
    throw wrongTime("validFrom", "A risk cannot be accepted for the past: what failed then has failed.");
  if (to.getTime() <= from.getTime()) throw wrongTime("endsAt", "It would end before it begins.");
  if (to.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS)
    throw wrongTime("endsAt", `A risk is accepted for at most ${LONGEST_DAYS} days, and then looked at again.`);
  return { from, to };
}

function wrongTime(column: string, message: string): AppError {
  return new AppError("invalid_input", message, { place: { column }, remedy: "Choose another day." });
}

async function requireRule(sql: SqlExecutor, ruleKey: string): Promise<void> {
  const { rows } = await sql.query("SELECT 1 FROM compliance_rule WHERE rule_key = $1 LIMIT 1", [ruleKey]);
  if (rows.length > 0) return;
  throw new AppError("not_found", `No source evaluates a rule "${ruleKey}".`, {
    place: { column: "ruleKey", value: ruleKey },
  });
}

function requireOwn({ actor }: ServiceContext, teamKey: string | null): void {
  if (actor.role !== "member" || (teamKey !== null && teamKey === actor.teamKey)) return;
  throw new AppError("forbidden", "A member of a team may ask for what is the team's own only.", {
    remedy: "Ask for one resource, namespace or your team, or let the platform team ask.",
  });
}
