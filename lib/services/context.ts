import type { Actor } from "#lib/access/actor.ts";
import { isAllowed, type Permission } from "#lib/access/permissions.ts";
import type { Database } from "#lib/db/client.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";

/** What every service verb is given: who acts, on which database, and the instant that counts as now. */
export type ServiceContext = { actor: Actor; database: Database; now: Date };

/** Throws AppError("forbidden"), and logs the refusal, where the actor's role lacks the permission. */
export async function authorise(context: ServiceContext, permission: Permission, subject: string): Promise<void> {
  if (isAllowed(context.actor, permission)) return;
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "permission.refused",
    subject: `${permission} on ${subject}`,
  });
  throw new AppError("forbidden", `The role "${context.actor.role}" may not do this (${permission}).`, {
    remedy: "Ask an administrator of Bursar for a role that may.",
  });
}
