import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import { TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";

/** Of one person: what is kept is looked at on every visit of the page. */
const MOST_SEARCHES = 30;

const draftSchema = z.strictObject({
  name: z.string().trim().min(1, "needs a name").max(80),
  search: TRAIL_SEARCH,
  isWatched: z.boolean(),
});

/**
 * Keeps a search under a name, for whoever asks alone. One of the same name is replaced. What is in the log now counts as seen.
 *
 * @throws AppError "invalid_input" with its place; "limit_reached" where the person has 30.
 */
export async function saveSearch(context: ServiceContext, draft: unknown): Promise<{ id: number }> {
  await authorise(context, "activity:read", "saved searches");
  const { name, search, isWatched } = checkedInput(draftSchema, draft);
  const { actor, now } = context;
  return context.database.transact(async ({ sql }) => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('saved search ' || $1, 0))", [actor.id]);
    const others = await sql.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM saved_search WHERE owner = $1 AND name <> $2",
      [actor.id, name],
    );
    if (Number(others.rows[0]?.count) >= MOST_SEARCHES)
      throw new AppError("limit_reached", `You keep ${MOST_SEARCHES} searches, which is the most.`, {
        remedy: "Remove one first.",
      });
    const { size } = await readFrontier(sql);
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO saved_search (owner, name, search, is_watched, opened_entry, opened_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $6)
       ON CONFLICT (owner, name) DO UPDATE SET search = excluded.search, is_watched = excluded.is_watched, opened_entry = excluded.opened_entry,
         opened_at = excluded.opened_at RETURNING id`,
      [actor.id, name, JSON.stringify(search), isWatched, size - 1, now],
    );
    await recordActivity(sql, { at: now, actor, action: "search.saved", subject: name, after: { search, isWatched } });
    return { id: Number(rows[0]?.id) };
  });
}
