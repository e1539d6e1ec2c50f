/** Lets so many calls a second through, for each key of its own. */
export type RateLimit = { admit(key: string): boolean };

/** A token bucket that holds one second's calls. `nowMs` must not go back. */
export function createRateLimit(callsPerSecond: number, nowMs: () => number = () => performance.now()): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    admit(key) {
      const at = nowMs();
      const before = buckets.get(key) ?? { tokens: callsPerSecond, at };
      const tokens = Math.min(callsPerSecond, before.tokens + ((at - before.at) / 1000) * callsPerSecond);
      const isAdmitted = tokens >= 1;
      buckets.set(key, { tokens: isAdmitted ? tokens - 1 : tokens, at });
      return isAdmitted;
    },
  };
}
