import { decimal, toAmount, type Amount } from "#lib/domain/money.ts";

/** One attempt of one request, as limits and the bill count it. */
export type ApiCall = {
  /** Which API is asked: "ce", "organizations", "sts". */
  api: string;
  /** Name of the operation, "GetCostAndUsage". */
  operation: string;
  /** Whose limits count: 12 digits, or "unknown" while nobody has said yet which account the credentials belong to. */
  account: string;
  region: string;
  /** What the provider charges for an answer; "0" where asking is free. */
  priceUsd: Amount;
};

export type CallOutcome = "answered" | "throttled" | "failed";

/**
 * Stands before every attempt of every request to a metered or rate-limited API, those that the SDK repeats included.
 *
 * `enter` waits until the limiter that all workers share has a place, and throws AppError("limit_reached") where the answer
 * would pass the month's cap. `leave` is called once for each `enter` that came through and settles the price.
 */
export type RequestGate = {
  enter(call: ApiCall, signal?: AbortSignal): Promise<void>;
  leave(call: ApiCall, outcome: CallOutcome): Promise<void>;
};

/** Lets everything through: for checks before there is a database. */
export const openGate: RequestGate = {
  enter: async () => {},
  leave: async () => {},
};

/** What went through a gate: attempts of requests, whatever their outcome, and the price of those that were answered. */
export type GateTally = { requests: number; priceUsd: Amount };

/** The gate, and beside it a tally of what went through it since. */
export function countingGate(gate: RequestGate): { gate: RequestGate; tally(): GateTally } {
  let requests = 0;
  let price = decimal(0);
  return {
    gate: {
      enter: async (call, signal) => {
        await gate.enter(call, signal);
        requests += 1;
      },
      leave: async (call, outcome) => {
        if (outcome === "answered") price = price.plus(call.priceUsd);
        await gate.leave(call, outcome);
      },
    },
    tally: () => ({ requests, priceUsd: toAmount(price) }),
  };
}
