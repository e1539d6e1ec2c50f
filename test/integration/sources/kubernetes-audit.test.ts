import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { day } from "#lib/domain/period.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import type { EventBatch } from "#lib/sources/event-reading.ts";
import { checkAudit, planAudit, readAudit, type KubernetesAuditSpec } from "#lib/sources/kubernetes-audit/index.ts";
import { kubernetesAuditSpec } from "#lib/sources/kubernetes-audit/spec.ts";
import { auditEventText, auditIdOf } from "#test/unit/sources/kubernetes-audit/audit-event-text.ts";

const NOW = new Date("2026-03-02T00:00:00Z");
const EVERY_MS = 60_000;
const COUNT = 200;
const folder = mkdtempSync(join(tmpdir(), "bursar-audit-"));
const signal = new AbortController().signal;
let server: AwsServer;
let account: string;

/** Stands before the event's time, as what makes records large does. */
const LARGE = { requestObject: { data: "x".repeat(300_000) }, requestReceivedTimestamp: undefined };

/** One a minute until now; the third is cut off at 256 KB, the fifth is no event, and a stream of another log stands between them. */
function logEvents() {
  return Array.from({ length: COUNT }, (_, n) => {
    const at = NOW.getTime() - (COUNT - n) * EVERY_MS;
    const changes = { auditID: `event ${n}`, requestReceivedTimestamp: new Date(at).toISOString() };
    const text = auditEventText({ ...changes, ...(n === 2 ? LARGE : {}) });
    const message = n === 4 ? '{"level":"x"}' : text;
    return { stream: n % 2 === 0 ? "kube-apiserver-audit-one" : "kube-apiserver-audit-two", at, message };
  }).concat({ stream: "kube-scheduler-one", at: NOW.getTime() - 1, message: "I0302 leader elected" });
}

beforeAll(async () => {
  const estate = createEstate({ seed: "audit", today: day("2026-03-02"), months: 4, scale: 0.01 });
  account = estate.awsOrganization.managementAccountId;
  const group = { account, region: "eu-central-1", name: "/aws/eks/core/cluster", events: logEvents() };
  server = await startAws({ root: folder, estate, ecsClusters: [], eksClusters: [], logGroups: [group] });
}, 120_000);
afterEach(() => server.reset());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function spec(): KubernetesAuditSpec {
  const { accessKeyId, secretAccessKey } = DEMO_CREDENTIALS;
  const eksLogs = {
    endpoint: server.url,
    accessKeyId,
    secretAccessKey,
    region: "eu-central-1",
    clusterName: "core",
    days: 1,
  };
  const clusters = [
    { key: "core", eksLogs },
    { key: "tools", files: join(folder, "audit*") },
  ];
  return kubernetesAuditSpec.parse({ kind: "kubernetes-audit", clusters });
}

async function look(period: string, cursor: unknown = null, now = NOW): Promise<EventBatch[]> {
  const options = { gate: openGate, signal, now, cursor, onProgress: () => {} };
  const batches: EventBatch[] = [];
  for await (const batch of readAudit("audit", spec(), { period, fingerprint: "", files: [] }, options))
    batches.push(batch);
  return batches;
}
const eventsOf = (batches: EventBatch[]) => batches.flatMap(({ events }) => events);

describe("audit logs of EKS in CloudWatch Logs", () => {
  test("are read whole through pages, empty ones too, and throttling; what was cut off is kept and marked", async () => {
    server.faults.emptyPage(2);
    server.faults.throttle(1, { service: "logs" });
    const batches = await look("core/eks-logs");
    const events = eventsOf(batches);
    expect(events).toHaveLength(COUNT - 1);
    expect(events[0]).toMatchObject({ sourceKey: "audit", clusterKey: "core" });
    expect(events.slice(0, 1).map(auditIdOf)).toEqual(["event 0/ResponseComplete"]);
    const cut = events.find(({ eventKey }) => eventKey.endsWith("/cut"));
    expect(cut).toMatchObject({
      action: "create namespaces",
      actor: "ada@example.com",
      outcome: "success",
      occurredAt: new Date(NOW.getTime() - (COUNT - 2) * EVERY_MS),
    });
    expect(cut && auditIdOf(cut)).toBe("event 2/ResponseComplete/cut");
    expect(JSON.parse(new TextDecoder().decode(cut?.body))).toMatchObject({ incomplete: true });
    expect(batches.flatMap(({ findings }) => findings).map(({ code, file }) => `${code} ${file}`)).toEqual([
      "event_cut core/kube-apiserver-audit-one",
      "event_not_understood core/kube-apiserver-audit-one",
    ]);
  });

  test("go on with a quarter of an hour that was read before", async () => {
    const last = (await look("core/eks-logs")).at(-1)?.cursor;
    expect(last).toEqual({ until: NOW.toISOString() });
    const later = eventsOf(await look("core/eks-logs", last, new Date(NOW.getTime() + EVERY_MS)));
    expect(later.map(auditIdOf)).toEqual(
      Array.from({ length: 15 }, (_, n) => `event ${COUNT - 15 + n}/ResponseComplete`),
    );
  });

  test("that may not be read say which permission is missing", async () => {
    server.faults.denyAction("logs:FilterLogEvents");
    await expect(look("core/eks-logs")).rejects.toMatchObject({ code: "denied" });
    const checks = await checkAudit(spec(), { gate: openGate, now: NOW, signal });
    expect(checks.map(({ ok, error }) => error?.code ?? ok)).toEqual([true, "denied", "invalid_config"]);
  });
});

describe("audit logs in files", () => {
  test("are read beyond the cursor; lines that are no events are told, and one whose end is missing is kept", async () => {
    writeFileSync(
      join(folder, "audit-1.log.gz"),
      gzipSync(`${auditEventText({ auditID: "a" })}\nnot an event, and long enough to be none: ${"x".repeat(300)}\n`),
    );
    writeFileSync(
      join(folder, "audit.log"),
      `${auditEventText({ auditID: "b" })}\n${auditEventText({ requestObject: { text: "x" }, auditID: "c" }).slice(0, -60)}\n${auditEventText({ auditID: "d" })}\n`,
    );
    const [slice] = (await planAudit(spec(), NOW)).filter(({ period }) => period === "tools/files");
    expect(slice?.files).toHaveLength(2);
    const batches = await look("tools/files");
    expect(eventsOf(batches).map(auditIdOf)).toEqual([
      "a/ResponseComplete",
      "b/ResponseComplete",
      "c/ResponseComplete/cut",
      "d/ResponseComplete",
    ]);
    expect(
      batches.flatMap(({ findings }) => findings).map(({ code, file, firstRow }) => [code, file, firstRow]),
    ).toEqual([
      ["event_not_understood", "audit-1.log.gz", 2],
      ["event_cut", "audit.log", 2],
    ]);
    expect(eventsOf(await look("tools/files", batches.at(-1)?.cursor))).toEqual([]);
  });
});
