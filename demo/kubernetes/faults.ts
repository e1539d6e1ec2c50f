/** Which calls a fault concerns; what is absent is every one. */
export type FaultFilter = { cluster?: string; resource?: string; verb?: string };

/** What a test wants to go wrong. */
export type KubernetesFaults = {
  /** The next `times` pages with a token are answered with 410, as after a compaction. */
  expireContinue(times?: number, filter?: FaultFilter): void;
  /** Matching calls are answered with 403 until `clear()`. */
  forbid(filter: FaultFilter): void;
  /** The next `times` matching calls are answered with 429 and Retry-After. */
  throttle(times: number, retryAfterSeconds?: number, filter?: FaultFilter): void;
  /** Each connection breaks so long after its answer began; null = no more. */
  cutEvery(milliseconds: number | null, filter?: FaultFilter): void;
  /** The connection of the next `times` matching calls breaks after so many bytes of the body. */
  cutAfter(bytes: number, times?: number, filter?: FaultFilter): void;
  /** Nobody answers in this cluster until `up` or `clear()`. */
  down(cluster: string): void;
  up(cluster: string): void;
  /** Every answer waits so long first. */
  delay(milliseconds: number): void;
  /** Everything works again. */
  clear(): void;
};

export type FaultedCall = { cluster: string; resource: string; verb: string; hasContinue: boolean };

export type PlannedFault = {
  isDown: boolean;
  isForbidden: boolean;
  isExpired: boolean;
  retryAfterSeconds: number | null;
  cutAfterBytes: number | null;
  cutAfterMs: number | null;
  latencyMs: number;
};

type Counted = { left: number; filter: FaultFilter };

/** Faults that tests switch on while a server runs; `take` uses up one of the counted ones. */
export function createFaultPlan(): { faults: KubernetesFaults; take(call: FaultedCall): PlannedFault } {
  const down = new Set<string>();
  let expired: Counted[] = [];
  let throttles: (Counted & { seconds: number })[] = [];
  let cuts: (Counted & { bytes: number })[] = [];
  let timedCut: { milliseconds: number; filter: FaultFilter } | null = null;
  let forbids: FaultFilter[] = [];
  let latencyMs = 0;

  const faults: KubernetesFaults = {
    expireContinue: (times = 1, filter = {}) => void expired.push({ left: times, filter }),
    forbid: (filter) => void forbids.push(filter),
    throttle: (times, seconds = 1, filter = {}) => void throttles.push({ left: times, seconds, filter }),
    cutEvery: (milliseconds, filter = {}) => void (timedCut = milliseconds === null ? null : { milliseconds, filter }),
    cutAfter: (bytes, times = 1, filter = {}) => void cuts.push({ left: times, bytes, filter }),
    down: (cluster) => void down.add(cluster),
    up: (cluster) => void down.delete(cluster),
    delay: (milliseconds) => void (latencyMs = milliseconds),
    clear: () => {
      down.clear();
      expired = [];
      throttles = [];
      cuts = [];
      timedCut = null;
      forbids = [];
      latencyMs = 0;
    },
  };

  function spend<T extends Counted>(list: T[], call: FaultedCall): T | null {
    const found = list.find(({ left, filter }) => left > 0 && concerns(filter, call));
    if (found) found.left -= 1;
    return found ?? null;
  }

  function take(call: FaultedCall): PlannedFault {
    const isDown = down.has(call.cluster);
    const isForbidden = forbids.some((filter) => concerns(filter, call));
    const isRefused = isDown || isForbidden;
    const throttle = isRefused ? null : spend(throttles, call);
    // A call that is refused anyway uses up no other fault.
    const isServed = !isRefused && throttle === null;
    return {
      isDown,
      isForbidden,
      isExpired: isServed && call.hasContinue && spend(expired, call) !== null,
      retryAfterSeconds: throttle?.seconds ?? null,
      cutAfterBytes: isServed ? (spend(cuts, call)?.bytes ?? null) : null,
      cutAfterMs: timedCut !== null && concerns(timedCut.filter, call) ? timedCut.milliseconds : null,
      latencyMs,
    };
  }

  return { faults, take };
}

function concerns(filter: FaultFilter, call: FaultedCall): boolean {
  return (
    (filter.cluster === undefined || filter.cluster === call.cluster) &&
    (filter.resource === undefined || filter.resource === call.resource) &&
    (filter.verb === undefined || filter.verb === call.verb)
  );
}
