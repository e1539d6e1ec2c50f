/** What a test wants to go wrong, and for which calls. A demo server consults it before each answer. */
export type FaultFilter = {
  /** Name of the operation, "GetObject"; absent = every one. */
  operation?: string;
  /** Over "bucket/key"; absent = every one. */
  keyPattern?: RegExp;
};

export type Faults = {
  /** The next `times` matching calls are answered with the protocol's throttling error. */
  throttle(times: number, filter?: FaultFilter): void;
  /** Matching calls are denied until `clear()`. */
  deny(keyPattern: RegExp, operation?: string): void;
  /** The connection of the next `times` matching calls breaks after so many bytes of the body. */
  cutAfter(bytes: number, times?: number, filter?: FaultFilter): void;
  /** Every answer waits so long first. */
  delay(latencyMs: number): void;
  /** Everything works again. */
  clear(): void;
};

/** What shall happen to one call. */
export type PlannedFault = { throttled: boolean; denied: boolean; cutAfterBytes: number | null; latencyMs: number };

export type FaultPlan = { faults: Faults; take(operation: string, path: string): PlannedFault };

type Counted = { left: number; filter: FaultFilter };

/** Faults that tests switch on while a server runs; `take` uses up one of the counted ones. */
export function createFaultPlan(): FaultPlan {
  let throttles: Counted[] = [];
  let cuts: (Counted & { bytes: number })[] = [];
  let denials: FaultFilter[] = [];
  let latencyMs = 0;

  const faults: Faults = {
    throttle: (times, filter = {}) => void throttles.push({ left: times, filter }),
    deny: (keyPattern, operation) =>
      void denials.push(operation === undefined ? { keyPattern } : { keyPattern, operation }),
    cutAfter: (bytes, times = 1, filter = {}) => void cuts.push({ left: times, bytes, filter }),
    delay: (milliseconds) => void (latencyMs = milliseconds),
    clear: () => {
      throttles = [];
      cuts = [];
      denials = [];
      latencyMs = 0;
    },
  };

  function take(operation: string, path: string): PlannedFault {
    const throttle = throttles.find((candidate) => candidate.left > 0 && concerns(candidate.filter, operation, path));
    if (throttle) throttle.left -= 1;
    const denied = denials.some((filter) => concerns(filter, operation, path));
    // A call that is refused anyway does not use up a broken connection.
    const cut =
      throttle || denied
        ? undefined
        : cuts.find((candidate) => candidate.left > 0 && concerns(candidate.filter, operation, path));
    if (cut) cut.left -= 1;
    return { throttled: throttle !== undefined, denied, cutAfterBytes: cut?.bytes ?? null, latencyMs };
  }

  return { faults, take };
}

function concerns(filter: FaultFilter, operation: string, path: string): boolean {
  return (
    (filter.operation === undefined || filter.operation === operation) &&
    (filter.keyPattern === undefined || filter.keyPattern.test(path))
  );
}
