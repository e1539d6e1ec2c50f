import type { SqlExecutor } from "#lib/db/activity.ts";

/** Whose rate a request counts against. `operation` "" = all of the API's operations that have no rate of their own. */
export type Limiter = { api: string; operation: string; account: string; region: string };

/** Requests per second in the long run, and how many may go at once after a pause. */
export type Pace = { perSecond: number; burst: number };

/** How long to wait for the slot that was taken, and the share of the full rate that is used now. */
export type Slot = { waitMs: number; pace: number };

/**
 * Takes the next slot of the limiter for one request, in one statement, by the database's clock: whoever else asks at the same
 * time, in whatever process, gets another one. Slots are 1 / perSecond apart, and further where the API throttles; after a pause
 * `burst` of them are there at once. In any window of w seconds there are at most burst + perSecond × w slots.
 * Null, and no slot is taken, where it would lie further ahead than `maxWaitMs`.
 */
export async function takeSlot(
  sql: SqlExecutor,
  limiter: Limiter,
  { perSecond, burst }: Pace,
  maxWaitMs: number,
): Promise<Slot | null> {
  // A limiter that throttled answers have slowed has no burst: what it let through while it rested would be throttled again.
  const { rows } = await sql.query(
    `INSERT INTO api_limiter AS limiter (api, operation, account, region, next_at)
     VALUES ($1, $2, $3, $4, clock_timestamp() - ($6::float8 - 1) / $5::float8 * interval '1 second' + interval '1 second' / $5::float8)
     ON CONFLICT (api, operation, account, region) DO UPDATE
       SET next_at = greatest(
             limiter.next_at,
             clock_timestamp() - CASE WHEN limiter.pace < 1 THEN 0 ELSE $6::float8 - 1 END / $5::float8 * interval '1 second'
           ) + interval '1 second' / ($5::float8 * limiter.pace)
       WHERE limiter.next_at <= clock_timestamp() + $7::float8 * interval '1 millisecond'
     RETURNING pace, extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 - 1000 / ($5::float8 * pace) AS wait_ms`,
    [limiter.api, limiter.operation, limiter.account, limiter.region, perSecond, burst, maxWaitMs],
  );
  const slot = rows[0];
  return slot === undefined ? null : { waitMs: Math.max(0, Math.ceil(Number(slot.wait_ms))), pace: Number(slot.pace) };
}
