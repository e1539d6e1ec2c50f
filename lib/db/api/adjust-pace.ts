import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Limiter, Pace } from "#lib/db/api/take-slots.ts";

/** Requests under way when an API begins to throttle are throttled together: within this time they count as one sign. */
const ONE_SIGN_MS = 1_000;

/** A throttled answer halves the pace. */
const SLOWER = 0.5;

/** The slowest that throttled answers make a limiter. */
const SLOWEST = 1 / 16;

/** A good answer gives back a tenth of the full rate, so that ten in a row recover from anything. */
const RECOVERY = 0.1;

/**
 * Slows every worker down after a throttled answer: the next slot moves back by one more distance, and at most once a second the
 * slots after it are put twice as far apart.
 */
export async function slowDown(sql: SqlExecutor, limiter: Limiter, { perSecond }: Pace): Promise<void> {
  const isNewSign = `coalesce(throttled_at < clock_timestamp() - ${ONE_SIGN_MS} * interval '1 millisecond', true)`;
  const slower = `greatest(${SLOWEST}::float8, pace * ${SLOWER}::float8)`;
  await sql.query(
    `UPDATE api_limiter SET
       next_at = greatest(next_at, clock_timestamp()) + interval '1 second' / ($5::float8 * ${slower}),
       pace = CASE WHEN ${isNewSign} THEN ${slower} ELSE pace END,
       throttled_at = CASE WHEN ${isNewSign} THEN clock_timestamp() ELSE throttled_at END
     WHERE api = $1 AND operation = $2 AND account = $3 AND region = $4`,
    [limiter.api, limiter.operation, limiter.account, limiter.region, perSecond],
  );
}

/** Gives a slowed limiter a part of its rate back after a good answer. */
export async function speedUp(sql: SqlExecutor, limiter: Limiter): Promise<void> {
  await sql.query(
    `UPDATE api_limiter SET pace = least(1, pace + ${RECOVERY}::float8)
     WHERE api = $1 AND operation = $2 AND account = $3 AND region = $4 AND pace < 1`,
    [limiter.api, limiter.operation, limiter.account, limiter.region],
  );
}
