import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import { retentionOf } from "#lib/config/audit.ts";
import { loadConfig } from "#lib/config.ts";
import { readExpiredEvents, readExpiredMonths, type ExpiredPlace } from "#lib/db/trail/forget-events.ts";
import { clearDerived } from "#lib/db/trail/clear-derived.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { hasHold } from "#lib/db/trail/person-texts.ts";
import { NOBODY } from "#lib/domain/trail/forgetting.ts";
import {
  cutoffOf,
  KEEP_CLASSES,
  keepWords,
  type Keep,
  type KeepClass,
  type Retention,
} from "#lib/domain/trail/retention.ts";
import { log } from "#lib/log.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { forgetBatch } from "#lib/services/trail/retention/forget-batch.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";

/** Events of one transaction: the log is locked for as long. */
const BATCH_EVENTS = 2_000;
/** Batches of one call, a million events. What is left comes with the next call, an hour later. */
const MOST_BATCHES = 500;

export type DropOptions = {
  /** Ends between two batches. */
  signal?: AbortSignal;
  /** Instead of what bursar.yaml says. */
  retention?: Retention;
  batchEvents?: number;
  mostBatches?: number;
};

/**
 * Drops the records of events whose class has been kept for its time, oldest month first, but for what is held. Each batch is one transaction
 * with the entry of the log that says so, and published at once: killed at any instant, nothing is half dropped. What was made of dropped events loses the
 * person after that, or goes.
 *
 * @returns how many were dropped, how many were left because they are not what was logged, and whether more wait.
 */
export async function dropExpired(context: ServiceContext, options: DropOptions = {}): Promise<DropTotal> {
  await authorise(context, "trail:seal", "retention of the trail");
  const retention = options.retention ?? retentionOf(loadConfig().audit);
  const total = { dropped: 0, damaged: 0, more: false };
  let batches = options.mostBatches ?? MOST_BATCHES;
  for (const keepClass of KEEP_CLASSES) {
    const keep = retention[keepClass];
    if (keep === undefined) continue;
    const before = cutoffOf(keep, context.now);
    for (const range of await readExpiredMonths(context.database.pool, sha256Hex, { keepClass, before })) {
      let after: ExpiredPlace | null = { at: new Date(0), seq: -1 };
      while (after !== null) {
        if (batches-- <= 0 || options.signal?.aborted) return finish({ ...total, more: true });
        const done: BatchResult = await dropBatch(context, { keepClass, keep, before, ...range, after }, options);
        total.dropped += done.forgotten;
        total.damaged += done.damaged;
        after = done.after;
      }
    }
  }
  if (total.dropped > 0) await forgetDerived(context, retention);
  return finish(total);
}

/** Of findings nobody knows what class their records would have been, and what holds are on them: samples stay for as long as any. */
async function forgetDerived({ database, actor, now }: ServiceContext, retention: Retention): Promise<void> {
  const cutoffs = KEEP_CLASSES.flatMap((keepClass) => {
    const keep = retention[keepClass];
    return keep === undefined ? [] : [{ keepClass, at: cutoffOf(keep, now) }];
  });
  const times = cutoffs.map(({ at }) => at.getTime());
  const ofRecords = cutoffs.filter(({ keepClass }) => keepClass !== "bursar");
  const hasAll = ofRecords.length === KEEP_CLASSES.length - 1;
  const earliest = Math.min(...ofRecords.map(({ at }) => at.getTime()));
  await database.transact(async ({ sql }) => {
    const cleared = await clearDerived(sql, {
      before: new Date(Math.max(...times)),
      samplesBefore: hasAll && !(await hasHold(sql, now, null)) ? new Date(earliest) : null,
    });
    if (Object.values(cleared).some((rows) => rows > 0))
      await recordActivity(sql, { at: now, actor, action: "retention.cleared", subject: "trail", after: cleared });
  });
}

type DropTotal = { dropped: number; damaged: number; more: boolean };
type BatchResult = { forgotten: number; damaged: number; after: ExpiredPlace | null };
type Wanted = {
  keepClass: KeepClass;
  keep: Keep;
  before: Date;
  month: string;
  from: Date;
  to: Date;
  after: ExpiredPlace;
};

async function dropBatch(
  context: ServiceContext,
  { keep, month, before, ...wanted }: Wanted,
  { batchEvents = BATCH_EVENTS }: DropOptions,
): Promise<BatchResult> {
  const { database, actor, now } = context;
  const result = await database.transact(async ({ sql }) => {
    await lockTrail(sql);
    const events = await readExpiredEvents(sql, { ...wanted, now, limit: batchEvents });
    const { keepClass } = wanted;
    const rule = `${keepClass}, kept ${keepWords(keep)}`;
    const order = {
      kind: "retention" as const,
      actor,
      at: now,
      rule,
      subject: `${keepClass} ${month}`,
      keepClass,
      before,
      month,
    };
    const done = await forgetBatch(sql, order, events, ({ action, resource }) => ({ ...NOBODY, action, resource }));
    const last = events.at(-1);
    return { ...done, after: last && events.length === batchEvents ? { at: last.occurredAt, seq: last.seq } : null };
  });
  // Until a head has the entry that says so, what was dropped cannot be told from what somebody took away.
  if (result.forgotten > 0) await sealTrail(context);
  return result;
}

function finish(total: DropTotal): DropTotal {
  if (total.damaged > 0)
    log.error(
      total,
      "Events whose time is over are not what was logged. They were left as they are: verify the trail.",
    );
  return total;
}
