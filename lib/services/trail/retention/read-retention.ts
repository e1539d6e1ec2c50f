import { isAllowed } from "#lib/access/permissions.ts";
import { retentionOf } from "#lib/config/audit.ts";
import { loadConfig } from "#lib/config.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { MOST_HOLDS, readHolds, type StoredHold } from "#lib/db/trail/holds.ts";
import { dayOf, startOfDay, termHash } from "#lib/domain/trail/event-terms.ts";
import {
  cutoffOf,
  KEEP_CLASSES,
  keepTerm,
  keepWords,
  type KeepClass,
  type Retention,
} from "#lib/domain/trail/retention.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { countHeld } from "#lib/services/trail/retention/count-held.ts";
import { readOrders } from "#lib/services/trail/retention/read-orders.ts";
import type { HoldView, RetentionClassView, RetentionView } from "#lib/services/trail/retention/retention-view.ts";

const SOON_MS = 30 * 86_400_000;
/** Of so many holds, the newest, the events are counted: each costs a search. */
const MOST_COUNTED_HOLDS = 20;

/**
 * How long each class is kept, what was dropped, what is due, and what holds. Counts of classes are of whole days and cost no look at events; those of
 * holds end at a bound.
 */
export async function readRetention(context: ServiceContext): Promise<RetentionView> {
  await authorise(context, "activity:read", "retention of the trail");
  const { database, actor, now } = context;
  const retention = retentionOf(loadConfig().audit);
  const holds = await readHolds(database.pool, now);
  const classes: RetentionClassView[] = [];
  for (const keepClass of KEEP_CLASSES) classes.push(await readClass(database.pool, keepClass, retention, now));
  const views: HoldView[] = [];
  for (const [index, hold] of holds.entries()) {
    const state = stateOf(hold, now);
    const isCounted = state === "holds" && index < MOST_COUNTED_HOLDS;
    views.push({ ...toView(hold), state, events: isCounted ? await countHeld(database.pool, hold) : null });
  }
  return {
    classes,
    holds: views,
    isCut: holds.length === MOST_HOLDS,
    pseudonyms: await readOrders(database.pool, now),
    mayHold: isAllowed(actor, "holds:write"),
    mayPseudonymise: isAllowed(actor, "people:pseudonymise"),
  };
}

async function readClass(
  sql: SqlExecutor,
  keepClass: KeepClass,
  retention: Retention,
  now: Date,
): Promise<RetentionClassView> {
  const keep = retention[keepClass];
  const [before, soon] = keep ? [cutoffOf(keep, now), cutoffOf(keep, new Date(now.getTime() + SOON_MS))] : [null, null];
  const { rows } = await sql.query(
    `SELECT coalesce(sum(count), 0)::float8 AS whole, min(day) AS oldest, coalesce(sum(count) FILTER (WHERE day < $2), 0)::float8 AS due,
       coalesce(sum(count) FILTER (WHERE day >= $2 AND day < $3), 0)::float8 AS soon,
       (SELECT coalesce(sum(entries), 0)::float8 FROM event_forgetting WHERE kind = 'retention' AND keep_class = $4) AS dropped,
       (SELECT max(at) FROM event_forgetting WHERE kind = 'retention' AND keep_class = $4) AS dropped_at
     FROM event_term_day WHERE term = $1`,
    [termHash(sha256Hex, keepTerm(keepClass)), before && dayOf(before), soon && dayOf(soon), keepClass],
  );
  const [row = {}] = rows;
  const oldest = row["oldest"] as number | null;
  return {
    keepClass,
    keep: keep ? keepWords(keep) : null,
    whole: Number(row["whole"]),
    oldest: oldest === null ? null : startOfDay(oldest).toISOString().slice(0, 10),
    dropped: Number(row["dropped"]),
    droppedAt: (row["dropped_at"] as Date | null)?.toISOString() ?? null,
    due: Number(row["due"]),
    dueSoon: Number(row["soon"]),
  };
}

function stateOf({ liftedAt, until }: StoredHold, now: Date): HoldView["state"] {
  if (liftedAt !== null) return "lifted";
  return until !== null && until <= now ? "ended" : "holds";
}

function toView({ from, to, placedAt, until, liftedAt, ...hold }: StoredHold): Omit<HoldView, "state" | "events"> {
  return {
    ...hold,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
    placedAt: placedAt.toISOString(),
    until: until?.toISOString() ?? null,
    liftedAt: liftedAt?.toISOString() ?? null,
  };
}
