/** One call as it was answered. */
export type AwsCall = {
  /** Signing name: "s3", "ce", "organizations", "sts". */
  service: string;
  operation: string;
  /** Account of the caller; "" where nobody was recognised. */
  account: string;
  region: string;
  status: number;
  errorCode: string | null;
  at: Date;
};

/** A demo may run for days; only the newest calls are kept. */
const MAXIMUM_CALLS = 20_000;
const COST_EXPLORER_CENTS_A_PAGE = 1;

export type CallLog = { calls: AwsCall[]; add(call: AwsCall): void; priceUsd(): string; reset(): void };

/** Counts what was asked and what AWS would have charged for it. */
export function createCallLog(): CallLog {
  const calls: AwsCall[] = [];
  let cents = 0;
  return {
    calls,
    add(call) {
      calls.push(call);
      if (calls.length > MAXIMUM_CALLS) calls.shift();
      if (call.service === "ce" && call.status === 200) cents += COST_EXPLORER_CENTS_A_PAGE;
    },
    priceUsd: () => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`,
    reset() {
      calls.length = 0;
      cents = 0;
    },
  };
}
