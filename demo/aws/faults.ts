import { randomFor } from "#demo/estate/random.ts";

/** What a test wants to go wrong, and for which calls. A demo server consults it before each answer. */
export type FaultFilter = {
  /** Signing name of the service, "ce"; absent = every one. */
  service?: string;
  /** Name of the operation, "GetObject"; absent = every one. */
  operation?: string;
  /** Over "bucket/key"; absent = every one. */
  keyPattern?: RegExp;
};

export type Faults = {
  /** The next `times` matching calls are answered with the service's throttling error. */
  throttle(times: number, filter?: FaultFilter): void;
  /** From now on this share of the matching calls is throttled, 0.3 = three of ten, in an order that repeats with the seed. */
  throttleShare(share: number, filter?: FaultFilter, seed?: string): void;
  /** Matching calls are denied until `clear()`. */
  deny(keyPattern: RegExp, operation?: string): void;
  /** Nobody's policy allows this IAM action until `clear()`: "organizations:ListRoots". */
  denyAction(action: string): void;
  /** The next `times` matching calls are answered with this error: "DataUnavailableException". */
  fail(code: string, times?: number, filter?: FaultFilter): void;
  /** The next token that asks for this page is refused as expired; the first page has none, so `page` is at least 2. */
  expireToken(page: number, filter?: FaultFilter): void;
  /** The next `times` paginated answers have nothing but a token. */
  emptyPage(times?: number, filter?: FaultFilter): void;
  /** The next `times` ungrouped totals of Cost Explorer are 0.01 too high in each of their costs. */
  wrongTotal(times?: number): void;
  /** The connection of the next `times` matching calls breaks after so many bytes of the body. */
  cutAfter(bytes: number, times?: number, filter?: FaultFilter): void;
  /** Every answer waits so long first. */
  delay(latencyMs: number): void;
  /** Everything works again. */
  clear(): void;
};

/** What shall happen to one call. */
export type PlannedFault = {
  throttled: boolean;
  denied: boolean;
  /** Error code to answer with, null = none. */
  failure: string | null;
  cutAfterBytes: number | null;
  latencyMs: number;
};

/** A fault that only the operation itself can bring about. */
export type OperationFault = { kind: "expired-token"; page: number } | { kind: "empty-page" } | { kind: "wrong-total" };

export type FaultedCall = { service: string; operation: string; path: string };

export type FaultPlan = {
  faults: Faults;
  take(call: FaultedCall): PlannedFault;
  /** True where such a fault was planned for this call, which is then used up. */
  spend(fault: OperationFault, call: FaultedCall): boolean;
  isActionDenied(action: string): boolean;
};

type Counted = { left: number; filter: FaultFilter };
type Share = { share: number; filter: FaultFilter; draw: () => boolean };

/** Faults that tests switch on while a server runs; `take` uses up one of the counted ones. */
export function createFaultPlan(): FaultPlan {
  let throttles: Counted[] = [];
  let shares: Share[] = [];
  let cuts: (Counted & { bytes: number })[] = [];
  let failures: (Counted & { code: string })[] = [];
  let operationFaults: (Counted & { fault: OperationFault })[] = [];
  let denials: FaultFilter[] = [];
  let deniedActions = new Set<string>();
  let latencyMs = 0;
  const planOperationFault = (fault: OperationFault, times: number, filter: FaultFilter) =>
    void operationFaults.push({ fault, left: times, filter });

  const faults: Faults = {
    throttle: (times, filter = {}) => void throttles.push({ left: times, filter }),
    throttleShare: (share, filter = {}, seed = "throttles") => {
      const random = randomFor(seed, "throttle share");
      shares.push({ share, filter, draw: () => random.perMille(Math.round(share * 1000)) });
    },
    deny: (keyPattern, operation) =>
      void denials.push(operation === undefined ? { keyPattern } : { keyPattern, operation }),
    denyAction: (action) => void deniedActions.add(action),
    fail: (code, times = 1, filter = {}) => void failures.push({ code, left: times, filter }),
    expireToken: (page, filter = {}) => planOperationFault({ kind: "expired-token", page }, 1, filter),
    emptyPage: (times = 1, filter = {}) => planOperationFault({ kind: "empty-page" }, times, filter),
    wrongTotal: (times = 1) => planOperationFault({ kind: "wrong-total" }, times, {}),
    cutAfter: (bytes, times = 1, filter = {}) => void cuts.push({ left: times, bytes, filter }),
    delay: (milliseconds) => void (latencyMs = milliseconds),
    clear: () => {
      [throttles, shares, cuts, failures, operationFaults, denials] = [[], [], [], [], [], []];
      deniedActions = new Set();
      latencyMs = 0;
    },
  };

  function take(call: FaultedCall): PlannedFault {
    const isThrottled =
      takeOne(throttles, call) !== null || shares.some(({ filter, draw }) => concerns(filter, call) && draw());
    const denied = denials.some((filter) => concerns(filter, call));
    const isRefused = isThrottled || denied;
    // A call that is refused anyway does not use up what was planned for one that gets through.
    const failure = isRefused ? null : takeOne(failures, call);
    const cut = isRefused || failure ? null : takeOne(cuts, call);
    return {
      throttled: isThrottled,
      denied,
      failure: failure?.code ?? null,
      cutAfterBytes: cut?.bytes ?? null,
      latencyMs,
    };
  }

  return {
    faults,
    take,
    spend: (fault, call) =>
      takeOne(
        operationFaults.filter(({ fault: planned }) => isSame(planned, fault)),
        call,
      ) !== null,
    isActionDenied: (action) => deniedActions.has(action),
  };
}

function takeOne<T extends Counted>(planned: readonly T[], call: FaultedCall): T | null {
  const found = planned.find(({ left, filter }) => left > 0 && concerns(filter, call));
  if (!found) return null;
  found.left -= 1;
  return found;
}

function isSame(planned: OperationFault, fault: OperationFault): boolean {
  return (
    planned.kind === fault.kind &&
    (planned.kind !== "expired-token" || (fault.kind === "expired-token" && planned.page === fault.page))
  );
}

function concerns(filter: FaultFilter, { service, operation, path }: FaultedCall): boolean {
  return (
    (filter.service === undefined || filter.service === service) &&
    (filter.operation === undefined || filter.operation === operation) &&
    (filter.keyPattern === undefined || filter.keyPattern.test(path))
  );
}
