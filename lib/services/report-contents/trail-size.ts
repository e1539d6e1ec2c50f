import { searchInstants } from "#lib/db/trail/search-events.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { queryOfSearch, type TrailSearch } from "#lib/services/trail/search/trail-search.ts";

/** Events of one bundle. Whoever has more asks for shorter times, one bundle each. */
export const MOST_EVENTS_OF_A_BUNDLE = 100_000;

/** Whoever asks for too much is told at once, and not when the bundle is half made. @throws AppError "limit_reached". */
export async function refuseTooMany({ database }: ServiceContext, search: TrailSearch): Promise<void> {
  const limit = MOST_EVENTS_OF_A_BUNDLE + 1;
  const found = await searchInstants(database.pool, queryOfSearch(search), { limit });
  if (found.length > MOST_EVENTS_OF_A_BUNDLE) throw tooMany();
}

export function tooMany(): AppError {
  return new AppError(
    "limit_reached",
    `The search finds more than ${MOST_EVENTS_OF_A_BUNDLE.toLocaleString("en")} events, which is the most that one bundle holds.`,
    { remedy: "Choose a shorter range of time or one more filter, and make several bundles." },
  );
}
