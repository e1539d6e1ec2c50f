const DAY_MS = 86_400_000;
/** No trail that is read here is older; an earlier instant is a broken clock, and each month of events is a table. */
const EARLIEST_MS = Date.UTC(2006, 0);

/** Whether something can have happened then, by clocks of which one may be a day ahead. */
export function isPossibleTime(at: Date, now: Date): boolean {
  return at.getTime() >= EARLIEST_MS && at.getTime() <= now.getTime() + DAY_MS;
}
