import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build, NEXT_PROGRAM, ROOT } from "#cli/build.ts";
import { waitForPages } from "#cli/wait-for-pages.ts";
import { openDatabase } from "#lib/db/client.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import type { SendersResult } from "#test/bench/audit-webhook.worker.ts";
import { bound, type Measure, type MeasureOptions, type Measurement } from "#test/bench/measure.ts";
import { later, openWorkshop, runProgram } from "#test/bench/workshop.ts";

const EVENTS_PER_SECOND = 2_000;
const SECONDS = 60;
const LEAST_SECONDS = 10;
const BEHIND_LIMIT_SECONDS = 1;
const P95_LIMIT_MS = 1_000;
const CLUSTER = "bench";

export const auditWebhook: Measure = {
  name: "audit-webhook",
  about:
    "2,000 audit events a second from four senders for a minute, the server killed and started again half-way: none is lost",
  run: measureAuditWebhook,
};

async function measureAuditWebhook({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const seconds = Math.max(LEAST_SECONDS, Math.round(SECONDS * scale));
  const workshop = await openWorkshop();
  try {
    await build();
    const url = await workshop.createDatabase("audit_webhook");
    const token = randomBytes(32).toString("base64url");
    const config = join(workshop.folder, "bursar.yaml");
    const hash = createHash("sha256").update(token).digest("hex");
    writeFileSync(
      config,
      `sources: { audit: { kind: kubernetes-audit, clusters: [{ key: ${CLUSTER}, webhook: { tokenSha256: ["${hash}"] } }] } }\n`,
    );
    const port = await freePort();
    const start = () => startPages(port, { DATABASE_URL: url, BURSAR_CONFIG: config, BURSAR_HOME: workshop.folder });
    const first = await start();
    const endpoint = `http://127.0.0.1:${port}/api/v1/kubernetes-audit/${CLUSTER}`;
    const sending = runProgram(
      "audit-webhook.worker.ts",
      [endpoint, token, String(seconds), String(EVENTS_PER_SECOND)],
      {},
    );
    const restarted = sleep((seconds / 2) * 1_000).then(async () => {
      const killedAt = performance.now();
      await first();
      const stop = await start();
      note(`audit-webhook: killed and there again within ${((performance.now() - killedAt) / 1_000).toFixed(1)} s`);
      return stop;
    });
    const [result, stop] = await Promise.all([sending as Promise<SendersResult>, restarted]);
    await stop();
    const lost = await countLost(url, result.sent);
    note(
      `audit-webhook: ${result.sent.toLocaleString("en")} events in ${result.requests} requests, ${result.refused} refused for now, ${result.unanswered} without an answer`,
    );
    return [
      bound("audit-webhook lost", "events", lost, 0),
      bound("audit-webhook behind at the end", "s", result.behindSeconds, BEHIND_LIMIT_SECONDS),
      bound("audit-webhook answer, p95", "ms", result.p95Ms, P95_LIMIT_MS),
    ];
  } finally {
    await workshop.close();
  }
}

/** By key; the log itself has to hold as well, each event once. */
async function countLost(url: string, sent: number): Promise<number> {
  const database = openDatabase(url, { max: 1 });
  try {
    const { rows } = await database.pool.query<{ all: number; different: number }>(
      'SELECT count(*)::int AS "all", count(DISTINCT event_key)::int AS different FROM event WHERE cluster_key = $1',
      [CLUSTER],
    );
    const { all = 0, different = 0 } = rows[0] ?? {};
    if (all !== different) throw new Error(`${all - different} events are in the log twice.`);
    const { damages } = await verifyTrail(database.pool, []);
    if (damages.length > 0) throw new Error(`The log does not hold: ${JSON.stringify(damages[0])}`);
    return sent - different;
  } finally {
    await database.close();
  }
}

/** Answers once the pages do; the returned function kills them without a word. */
async function startPages(port: number, environment: Record<string, string>): Promise<() => Promise<void>> {
  const child = spawn(
    process.execPath,
    [NEXT_PROGRAM, "start", ROOT, "--port", String(port), "--hostname", "127.0.0.1"],
    {
      env: { ...process.env, ...environment, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", LOG_LEVEL: "error" },
      detached: true,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const kill = later(() => killGroup(child));
  await waitForPages(`http://127.0.0.1:${port}`, new AbortController().signal);
  return kill;
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid, "SIGKILL");
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
