import type { SqlExecutor } from "#lib/db/activity.ts";
import type { StoredHold } from "#lib/db/trail/holds.ts";
import { searchActors } from "#lib/db/trail/search-events.ts";
import { isMail } from "#lib/domain/mail.ts";
import { wordsOf } from "#lib/domain/trail/event-terms.ts";
import type { HeldCount } from "#lib/services/trail/retention/retention-view.ts";
import { ANYTHING } from "#lib/services/trail/search/trail-search.ts";

/** Of one hold; the page says that there are as many or more. */
const MOST_COUNTED = 1_000;
/** Shorter words stand in so many texts that the index does not narrow what they are looked for in. */
const LEAST_WORD = 3;

/**
 * How many events are inside of a hold; of one that is about more than a time, those that can still be found by what they say. Found through the index, and counting ends at MOST_COUNTED, so that it costs
 * no walk of the log. Null where the index cannot say.
 */
export async function countHeld(sql: SqlExecutor, hold: StoredHold): Promise<HeldCount | null> {
  const { person, accountId, clusterKey, namespace, sourceKey, from, to } = hold;
  // A mail stands in an event as its person, in lower case. What else somebody is called is a name as the source writes it.
  const isName = person !== null && !isMail(person);
  if (isName && !wordsOf(person).some((word) => word.length >= LEAST_WORD)) return null;
  const scope = { accountId, clusterKey, namespace, sourceKey, from, to };
  const who = { person: isName ? null : person, text: isName ? person : null };
  const found = await searchActors(sql, { ...ANYTHING, ...scope, ...who }, MOST_COUNTED);
  const isAtLeast = found.length === MOST_COUNTED;
  if (!isName) return { count: found.length, isAtLeast };
  const own = found.filter((event) => [event.actor, event.person].some((name) => name?.toLowerCase() === person));
  return own.length === 0 && isAtLeast ? null : { count: own.length, isAtLeast };
}
