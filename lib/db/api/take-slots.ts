import type { SqlExecutor } from "#lib/db/activity.ts";

/** Whose rate a request counts against. `operation` "" = all of the API's operations that have no rate of their own. */
export type Limiter = { api: string; operation: string; account: string; region: string };

/** Requests per second in the long run, and how many may go at once after a pause. */
export type Pace = { perSecond: number; burst: number };

/** How long to wait for the slot that was taken, and the share of the full rate that is used now. */
export type Slot = { waitMs: number; pace: number };

/**
 * Takes the limiter's next slots for so many requests, in one statement, by the database's clock: whoever else asks at the same
 * time, in whatever process, gets others. Slots are 1 / perSecond apart, and further where the API throttles; after a pause
 * `burst` of them are there at once. In any window of w seconds there are at most burst + perSecond × w slots. `count` is at most `burst`.
 * Null, and no slot is taken, where the last would lie further ahead than `maxWaitMs`.
 */
export async function takeSlots(
  sql: SqlExecutor,
  limiter: Limiter,
  { perSecond, burst }: Pace,
  { count, maxWaitMs }: { count: number; maxWaitMs: number },
): Promise<Slot[] | null> {
  // A limiter that throttled answers have slowed has no burst: what it let through while it rested would be throttled again.
  const first = `greatest(
    limiter.next_at,
    clock_timestamp() - CASE WHEN limiter.pace < 1 THEN 0 ELSE $6::float8 - 1 END / $5::float8 * interval '1 second'
  )`;
  const { rows } = await sql.query(
    `INSERT INTO api_limiter AS limiter (api, operation, account, region, next_at)
     VALUES ($1, $2, $3, $4, clock_timestamp() - ($6::float8 - 1) / $5::float8 * interval '1 second' + $8::float8 / $5::float8 * interval '1 second')
     ON CONFLICT (api, operation, account, region) DO UPDATE
       SET next_at = ${first} + $8::float8 / ($5::float8 * limiter.pace) * interval '1 second'
       WHERE ${first} + ($8::float8 - 1) / ($5::float8 * limiter.pace) * interval '1 second'
         <= clock_timestamp() + $7::float8 * interval '1 millisecond'
     RETURNING pace, extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 AS free_ms, 1000 / ($5::float8 * pace) AS apart_ms`,
    [limiter.api, limiter.operation, limiter.account, limiter.region, perSecond, burst, maxWaitMs, count],
  );
  const taken = rows[0];
  if (taken === undefined) return null;
  const [pace, freeMs, apartMs] = [Number(taken.pace), Number(taken.free_ms), Number(taken.apart_ms)];
  return Array.from({ length: count }, (_, index) => ({
    waitMs: Math.max(0, Math.ceil(freeMs - (count - index) * apartMs)),
    pace,
  }));
}
