import { recordActivity } from "#lib/db/activity.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** Notes that one of the own searches was looked at: what is in the log now is no news of it. @throws AppError "not_found". */
export async function openSearch(context: ServiceContext, { id }: { id: number }): Promise<void> {
  await authorise(context, "activity:read", "saved searches");
  const { actor, now } = context;
  await context.database.transact(async ({ sql }) => {
    const { size } = await readFrontier(sql);
    const { rows } = await sql.query<{ name: string }>(
      "UPDATE saved_search SET opened_entry = $3, opened_at = $4 WHERE id = $1 AND owner = $2 RETURNING name",
      [id, actor.id, size - 1, now],
    );
    if (!rows[0]) throw new AppError("not_found", "You keep no such search.");
    await recordActivity(sql, { at: now, actor, action: "search.viewed", subject: rows[0].name });
  });
}
