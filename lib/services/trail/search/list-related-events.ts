import { searchEvents } from "#lib/db/trail/search-events.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { TrailEventView, TrailQuery } from "#lib/services/trail/search/trail-view.ts";

const SHOWN = 10;

/** Everything that a search may ask for, and nothing of it. */
const ANYTHING: TrailQuery = {
  text: null,
  actor: null,
  person: null,
  action: null,
  verbClass: null,
  outcome: null,
  resource: null,
  accountId: null,
  clusterKey: null,
  namespace: null,
  sourceKey: null,
  sourceAddress: null,
  mfa: null,
  outside: null,
  from: null,
  to: null,
};

export type RelatedTo = { clusterKey: string; namespace: string } | { accountId: string };

/** The ten newest events of the trails that befell a namespace or an account. */
export async function listRelatedEvents(context: ServiceContext, of: RelatedTo): Promise<TrailEventView[]> {
  await authorise(context, "activity:read", "trail");
  return searchEvents(context.database.pool, { ...ANYTHING, ...of }, { before: null, limit: SHOWN });
}
