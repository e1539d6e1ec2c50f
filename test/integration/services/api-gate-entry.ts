import { createRequestGate } from "#lib/services/api/request-gate.ts";
import { openDatabase } from "#lib/db/client.ts";
import type { ApiCall } from "#lib/sources/aws/request-gate.ts";

/** What the test's process sends: how many requests to make, how many at once, at which rate, and whether the first stays under way. */
export type GateOrder = {
  url: string;
  call: ApiCall;
  requests: number;
  atOnce: number;
  perSecond: number;
  burst: number;
  /** Enters once, says so, and never leaves. */
  hangs: boolean;
};

// A worker process of its own that passes the gate, for tests. It answers with the instants at which it was let through.
process.once("message", (order: GateOrder) => void obey(order));
process.once("disconnect", () => process.exit());
process.send?.("loaded");

async function obey(order: GateOrder): Promise<void> {
  const database = openDatabase(order.url, { max: order.atOnce });
  const { perSecond, burst } = order;
  const gate = createRequestGate(database, {
    sourceKey: "billing",
    runId: null,
    monthlyCapUsd: null,
    now: () => new Date("2026-11-20T12:00:00Z"),
    rateOf: () => ({ operation: "", perSecond, burst }),
  });
  const passedAt: number[] = [];
  let left = order.requests;
  const ask = async () => {
    while (left > 0) {
      left -= 1;
      await gate.enter(order.call);
      passedAt.push(Date.now());
      if (order.hangs) return;
      await gate.leave(order.call, "answered");
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, ask));
  process.send?.(passedAt);
}
