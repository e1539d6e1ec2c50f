import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** No longer keeps one of the own searches. @throws AppError "not_found", of somebody else's as well. */
export async function removeSearch(context: ServiceContext, { id }: { id: number }): Promise<void> {
  await authorise(context, "activity:read", "saved searches");
  const { actor, now } = context;
  await context.database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ name: string; search: unknown }>(
      "DELETE FROM saved_search WHERE id = $1 AND owner = $2 RETURNING name, search",
      [id, actor.id],
    );
    const [removed] = rows;
    if (!removed) throw new AppError("not_found", "You keep no such search.");
    const { name, search } = removed;
    await recordActivity(sql, { at: now, actor, action: "search.removed", subject: name, before: { search } });
  });
}
