import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { countArrivals } from "#lib/db/trail/search-events.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { queryOfSearch, TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";
import type { SavedSearchView } from "#lib/services/trail/search/trail-view.ts";

/** News are counted up to here: more is "many" to whoever reads it. */
const MOST_NEWS = 1_000;
/** Entries that are looked through for news of one search: who did not look for long is told that there are at least so many. */
const MOST_ARRIVALS = 100_000;

/** The own searches by their names, and of those that are watched how many events arrived since they were opened. */
export async function listSavedSearches(context: ServiceContext): Promise<SavedSearchView[]> {
  await authorise(context, "activity:read", "saved searches");
  const { pool } = context.database;
  const { rows } = await pool.query<Record<string, unknown>>(
    "SELECT *, opened_entry::float8 AS opened FROM saved_search WHERE owner = $1 ORDER BY lower(name), id",
    [context.actor.id],
  );
  if (rows.length === 0) return [];
  const { size } = await readFrontier(pool);
  const views: SavedSearchView[] = [];
  for (const row of rows) {
    const search = TRAIL_SEARCH.parse(row["search"]);
    const isWatched = row["is_watched"] === true;
    const opened = Number(row["opened"]);
    const after = Math.max(opened, size - 1 - MOST_ARRIVALS);
    const range = { after, through: size - 1, most: MOST_NEWS + 1 };
    const count = isWatched && size - 1 > opened ? await countArrivals(pool, queryOfSearch(search), range) : 0;
    views.push({
      id: Number(row["id"]),
      name: String(row["name"]),
      search,
      isWatched,
      openedAt: (row["opened_at"] as Date).toISOString(),
      news: isWatched ? { count: Math.min(count, MOST_NEWS), isAtLeast: count > MOST_NEWS || after > opened } : null,
    });
  }
  return views;
}
