import { searchEvents } from "#lib/db/trail/search-events.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { TrailEventView } from "#lib/services/trail/search/trail-view.ts";
import { ANYTHING } from "#lib/services/trail/search/trail-search.ts";

const SHOWN = 10;

/** Everything that a search may ask for, and nothing of it. */
export type RelatedTo = { clusterKey: string; namespace: string } | { accountId: string };

/** The ten newest events of the trails that befell a namespace or an account. */
export async function listRelatedEvents(context: ServiceContext, of: RelatedTo): Promise<TrailEventView[]> {
  await authorise(context, "activity:read", "trail");
  return searchEvents(context.database.pool, { ...ANYTHING, ...of }, { before: null, limit: SHOWN });
}
