import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Database } from "#lib/db/client.ts";
import type { Pace } from "#lib/db/api/take-slots.ts";
import { createRequestGate, type GateOptions } from "#lib/services/api/request-gate.ts";
import type { ApiCall, RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { GateOrder } from "#test/integration/services/api-gate-entry.ts";

/** One page of Cost Explorer. */
export const CALL: ApiCall = {
  api: "ce",
  operation: "GetCostAndUsage",
  account: "111122223333",
  region: "us-east-1",
  priceUsd: "0.01",
};
/** What CALL counts against. */
export const LIMITER = { api: "ce", operation: "", account: "111122223333", region: "us-east-1" };
export const RUN = "6f1c2a34-0000-4000-8000-000000000001";
/** As good as no rate, for tests of the bill. */
const FAST = { perSecond: 1_000_000, burst: 1_000_000 };

/** A gate of the source "billing" on 20 November, without a cap and as good as without a rate unless `changes` say otherwise. */
export function billedGate(database: Database, changes: Partial<GateOptions> & { pace?: Pace } = {}): RequestGate {
  const { pace = FAST, ...others } = changes;
  return createRequestGate(database, {
    sourceKey: "billing",
    runId: RUN,
    monthlyCapUsd: null,
    now: () => new Date("2026-11-20T12:00:00Z"),
    rateOf: () => ({ operation: "", ...pace }),
    ...others,
  });
}

/** A process of its own that waits for `go` and then passes the gate as ordered; answers the instants at which it was let through. */
export async function startProcess(order: GateOrder): Promise<{ go(): Promise<number[]>; kill(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, "api-gate-entry.ts"), {
    execArgv: [],
    env: { NODE_ENV: "test", PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return {
    go: async (): Promise<number[]> => {
      child.send(order);
      const [passedAt] = (await once(child, "message")) as [number[]];
      return passedAt;
    },
    kill: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What RUN asked of its source's API, over all its attempts. */
export async function readRunRequests(
  database: Database,
): Promise<{ requests: number; throttled: number; failed: number; priceUsd: string }> {
  const { rows } = await database.pool.query(
    `SELECT coalesce(sum(requests), 0)::int AS requests, coalesce(sum(throttled), 0)::int AS throttled,
       coalesce(sum(failed), 0)::int AS failed, trim_scale(coalesce(sum(price_usd), 0))::text AS "priceUsd"
     FROM api_request WHERE run_id = $1`,
    [RUN],
  );
  return rows[0];
}
