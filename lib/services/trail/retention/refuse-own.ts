import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";

/** Nobody decides what is kept of what they did themselves. The refusal is logged. @throws AppError "forbidden". */
export async function refuseOwn({ actor, database, now }: ServiceContext, person: string | null, message: string) {
  if (person === null || person.toLowerCase() !== actor.id.toLowerCase()) return;
  await recordActivity(database.pool, {
    at: now,
    actor,
    action: "permission.refused",
    subject: "what is kept of oneself",
  });
  throw new AppError("forbidden", message, { remedy: "Ask another auditor or administrator." });
}
