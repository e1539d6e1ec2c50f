import { recordActivity } from "#lib/db/activity.ts";
import { endSettling, readUnsettled, settlePlaces } from "#lib/db/trail/settle-places.ts";
import { TERM_LIMIT } from "#lib/domain/trail/event-terms.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";

/** About a million entries: of fewer what a search reads is in memory anyway. */
const WORTH_BLOCKS = 64;
/** Parts of the terms that are moved one after the other for each of so many blocks: the log is locked for a second or so. */
const PARTS_PER_BLOCK = 0.5;

export type SettleOptions = {
  /** Ends between two parts. */
  signal?: AbortSignal;
  worthBlocks?: number;
};

/**
 * Brings what searches read of finished blocks into the order of terms, where there are enough of them. Each part of the terms is one transaction: killed at any instant,
 * nothing is lost or there twice, and the next call goes on. Answers how many rows were moved.
 */
export async function settleTrail(context: ServiceContext, options: SettleOptions = {}): Promise<{ moved: number }> {
  await authorise(context, "trail:seal", "index of the trail");
  const { actor, database, now } = context;
  const { from, to } = await readUnsettled(database.pool);
  const blocks = to - from;
  if (blocks < (options.worthBlocks ?? WORTH_BLOCKS)) return { moved: 0 };
  const parts = Math.max(1, Math.ceil(blocks * PARTS_PER_BLOCK));
  // Terms are hashes: as many of them are in one part as in another.
  const startOf = (part: number) => Math.ceil((TERM_LIMIT / parts) * part);
  const after = { blocks: { from, to } };
  await recordActivity(database.pool, {
    at: now,
    actor,
    action: "trail.settled",
    subject: "index of the trail",
    after,
  });
  let moved = 0;
  for (let part = 0; part < parts; part++) {
    if (options.signal?.aborted) return { moved };
    moved += await database.transact(async ({ sql }) => {
      await lockTrail(sql);
      return settlePlaces(sql, { from: startOf(part), to: startOf(part + 1) }, to);
    });
  }
  await database.transact(async ({ sql }) => {
    await lockTrail(sql);
    await endSettling(sql, { from, to });
  });
  return { moved };
}
