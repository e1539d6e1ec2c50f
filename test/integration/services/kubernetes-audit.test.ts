import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POST } from "#app/api/v1/kubernetes-audit/[cluster]/route.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { prepareQueue } from "#lib/services/runs/queue.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { listSources } from "#lib/services/sources/list-sources.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { attributeMakings } from "#lib/services/trail/append/observe-makers.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { readPeopleSigns } from "#lib/services/trail/people/read-people-signs.ts";
import { readLogFile } from "#lib/sources/aws-cloudtrail/read-log-file.ts";
import { auditEventText } from "#test/unit/sources/kubernetes-audit/audit-event-text.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

let scratch: TestDatabase;
const folder = mkdtempSync(join(tmpdir(), "bursar-audit-"));
const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

beforeAll(async () => {
  scratch = await createTestDatabase();
  writeFileSync(
    join(folder, "bursar.yaml"),
    JSON.stringify({
      sources: {
        audit: {
          kind: "kubernetes-audit",
          clusters: [
            { key: "one", webhook: { tokenSha256: [hashOf("first"), hashOf("second")] } },
            { key: "two", webhook: { tokenSha256: [hashOf("other")] } },
            { key: "three", files: "audit" },
          ],
        },
      },
    }),
  );
  process.env["BURSAR_HOME"] = join(folder, "home");
  process.env["BURSAR_CONFIG"] = join(folder, "bursar.yaml");
  process.env["DATABASE_URL"] = scratch.url;
});
afterAll(async () => {
  delete process.env["BURSAR_HOME"];
  delete process.env["BURSAR_CONFIG"];
  delete process.env["DATABASE_URL"];
  rmSync(folder, { recursive: true, force: true });
  const web = globalThis as typeof globalThis & { bursarDatabase?: { close(): Promise<void> } };
  await web.bursarDatabase?.close();
  delete web.bursarDatabase;
  await scratch?.drop();
});

const listOf = (...items: string[]) =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(",")}]}`;

function post(
  cluster: string,
  token: string | null,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const request = new Request(`http://bursar.example/api/v1/kubernetes-audit/${cluster}`, {
    method: "POST",
    headers: { ...authorization, "content-length": String(Buffer.byteLength(body)), ...headers },
    body,
  });
  return POST(request, { params: Promise.resolve({ cluster }) });
}

const kept = async () =>
  (await scratch.database.pool.query("SELECT cluster_key, event_key, actor FROM event ORDER BY seq")).rows;

describe("the endpoint of the audit webhook", () => {
  test("takes lists of a cluster by any of its tokens, and every event once, however often and late it comes", async () => {
    const lists = Array.from({ length: 6 }, (_, n) =>
      listOf(auditEventText({ auditID: "same" }), auditEventText({ auditID: `own ${n}` })),
    );
    const answers = await Promise.all(lists.map((body, n) => post("one", n % 2 === 0 ? "first" : "second", body)));
    expect(answers.map(({ status }) => status)).toEqual(lists.map(() => 200));
    expect((await post("one", "first", lists[0] ?? "")).status).toBe(200);
    const events = await kept();
    expect(events).toHaveLength(7);
    expect(events[0]).toEqual({
      cluster_key: "one",
      event_key: expect.stringMatching(/^same\/ResponseComplete\/[0-9a-f]{24}$/),
      actor: "ada@example.com",
    });
  });

  test("keeps what somebody did under an Audit-ID of his own choice, and all that comes with it", async () => {
    const before = (await kept()).length;
    const long = "l".repeat(100_000);
    const list = listOf(
      auditEventText({ auditID: "mine", verb: "get" }),
      auditEventText({ auditID: "mine", verb: "delete", responseStatus: { code: 200 } }),
      auditEventText({ auditID: long }),
      auditEventText({ auditID: `${long}!` }),
      // Whatever an API server that is not Kubernetes' own lets pass.
      auditEventText({ auditID: "named", objectRef: { resource: "namespaces", name: long } }),
      auditEventText({ auditID: "used", objectRef: { resource: "pods", namespace: long, name: "a" } }),
      auditEventText({ auditID: "said", user: { username: `${long}@example.com` } }),
      auditEventText({ auditID: "after all" }),
    );
    for (const again of [200, 200]) expect((await post("one", "first", list)).status).toBe(again);
    expect(await kept()).toHaveLength(before + 8);
    expect((await verifyTrail(scratch.database.pool, [])).damages).toEqual([]);
  });

  test("refuses whoever has no token of the cluster, keeps nothing of it, and logs it once", async () => {
    const before = (await kept()).length;
    for (const [cluster, token] of [
      ["one", null],
      ["one", "other"],
      ["two", "first"],
      ["four", "first"],
      ["two", hashOf("other")],
    ] as const) {
      const answer = await post(cluster, token, listOf(auditEventText({ auditID: "refused" })));
      expect([answer.status, (await answer.json()).error.code]).toEqual([401, "unauthenticated"]);
    }
    expect(await kept()).toHaveLength(before);
    const { rows } = await scratch.database.pool.query(
      "SELECT subject FROM activity WHERE action = 'permission.refused' ORDER BY subject",
    );
    expect(rows.map(({ subject }) => subject)).toEqual([
      "events of an unknown cluster",
      "events of one",
      "events of two",
    ]);
  });

  test("takes what it understands of a list, and keeps of the rest how much it was, why, and the first of it", async () => {
    await syncSources({ actor: SYSTEM_ACTOR, database: scratch.database, now: new Date() });
    const odd = auditEventText({
      auditID: "odd",
      stage: "Later",
      requestObject: { data: `a\0${"long ".repeat(1_000)}` },
    });
    const list = listOf(auditEventText({ auditID: "good" }), odd, "7", auditEventText({ stage: "Never" }));
    const before = (await kept()).length;
    // Whoever got no answer sends it again; two at once are counted together.
    const answers = await Promise.all([post("one", "first", list), post("one", "second", list)]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ events: 1, notUnderstood: 3 });
    }
    expect(await kept()).toHaveLength(before + 1);
    const { rows } = await scratch.database.pool.query(
      `SELECT file, code, "column", count, first_row, sample FROM finding ORDER BY "column"`,
    );
    expect(rows).toEqual([
      { file: "one/webhook", code: "event_not_understood", column: "", count: 2, first_row: 3, sample: "7" },
      {
        file: "one/webhook",
        code: "event_not_understood",
        column: "stage",
        count: 4,
        first_row: 2,
        sample: expect.stringMatching(/long …$/),
      },
    ]);
    const { sample } = rows[1] ?? {};
    expect(odd.startsWith(String(sample).slice(0, -1))).toBe(true);
    expect(String(sample).length).toBeGreaterThan(990);
    const sources = await listSources({ actor: SYSTEM_ACTOR, database: scratch.database, now: new Date() });
    expect(sources.find(({ key }) => key === "audit")).toMatchObject({
      slices: [],
      findings: [{ count: 4 }, { count: 2 }],
    });
    await scratch.database.pool.query("DELETE FROM finding");
  });

  test("keeps nothing of what is no list, of one that was cut off, and of one that is too long", async () => {
    const before = (await kept()).length;
    const good = listOf(auditEventText({ auditID: "never kept" }));
    const statusOf = async (body: string, headers = {}) => (await post("one", "first", body, headers)).status;
    expect(await statusOf(good.replace("EventList", "PodList"))).toBe(400);
    expect(await statusOf("[]")).toBe(400);
    expect(await statusOf(good.slice(0, -3))).toBe(422);
    expect(await statusOf(good, { "content-length": "99999999" })).toBe(422);
    expect(await kept()).toHaveLength(before);
  });

  test("asks to come again later while too much is waiting, and takes what waits", async () => {
    // Room is taken by what a request says of its length, before any of it is read.
    const send = (n: number) =>
      post("one", "first", listOf(auditEventText({ auditID: `large ${n}` })), { "content-length": "30000000" });
    const answers = await Promise.all([0, 1, 2, 3].map(send));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 429]);
    expect(answers[statuses.indexOf(429)]?.headers.get("retry-after")).toBe("2");
    expect((await send(statuses.indexOf(429))).status).toBe(200);
    expect((await kept()).filter(({ event_key: key }) => String(key).startsWith("large"))).toHaveLength(4);
  });
});

describe("the audit log of a cluster as files", () => {
  const contextNow = () => ({ actor: SYSTEM_ACTOR, database: scratch.database, now: new Date() });
  const log = join(folder, "audit", "audit.log");

  /** The state of the run that a look leads to; null where nothing has changed. */
  async function look() {
    const request = { sourceKey: "audit", logicalTime: new Date(), trigger: "schedule" as const };
    const { runIds } = await planSource(contextNow(), request);
    for (const runId of runIds) await pullSlice(contextNow(), { runId, sourceKey: "audit", period: "three/files" });
    const [runId] = runIds;
    return runId === undefined ? null : readRun(contextNow(), { runId });
  }

  test("is read by runs, each event once, from where the last one ended; who made a namespace claims it", async () => {
    mkdirSync(join(folder, "audit"));
    writeFileSync(
      log,
      `${auditEventText({ auditID: "made", responseObject: { metadata: { name: "claims", uid: "u-1" } } })}\n`,
    );
    await scratch.database.pool.query(
      `INSERT INTO namespace (source_key, cluster_key, uid, name, created_at, phase, finalizers, labels, annotations, seen_from)
       VALUES ('clusters', 'three', 'u-1', 'claims', '2026-03-01T10:00:00Z', 'Active', '[]', '{}', '{}', '2026-03-01T11:00:00Z'),
         ('clusters', 'three', 'u-2', 'other', '2026-03-01T09:00:00Z', 'Active', '[]', '{}', '{}', '2026-03-01T11:00:00Z')`,
    );
    await prepareQueue(scratch.database);
    await syncSources(contextNow());
    expect(await look()).toMatchObject({ state: "succeeded", counts: { lineItems: 1 } });
    expect(await look()).toBeNull();
    const change = { verb: "patch", objectRef: { resource: "deployments", namespace: "claims", name: "api" } };
    appendFileSync(log, `${auditEventText({ auditID: "changed", ...change })}\nno event\n`);
    expect(await look()).toMatchObject({ state: "succeeded", counts: { lineItems: 1 } });
    const { rows } = await scratch.database.pool.query(
      "SELECT subject_key, origin, names_value, detail, held_from, seen_to FROM ownership_claim WHERE part = 'three'",
    );
    expect(rows).toEqual([
      {
        subject_key: "three u-1",
        origin: "audit-log",
        names_value: "ada@example.com",
        detail: "made by ada@example.com",
        held_from: new Date("2026-03-01T10:00:00.123Z"),
        seen_to: null,
      },
    ]);
    const findings = await scratch.database.pool.query("SELECT code, first_row FROM finding");
    expect(findings.rows).toEqual([{ code: "event_not_understood", first_row: 3 }]);
    const range = { clusterKey: "three", from: new Date("2026-02-20"), to: new Date("2026-03-20") };
    const signs = await readPeopleSigns(scratch.database.pool, range);
    expect(signs?.("u-1")).toMatchObject({ state: "observed", detail: "ada@example.com: patch deployments" });
    expect(signs?.("u-2")).toMatchObject({ state: "told-nothing" });
  });

  test("beside those of a cloud: who asked for an account claims it", async () => {
    const base = {
      eventVersion: "1.11",
      eventSource: "organizations.amazonaws.com",
      awsRegion: "us-east-1",
      recipientAccountId: "111122223333",
    };
    const asked = {
      ...base,
      eventID: "asked",
      eventTime: "2026-03-01T10:00:00Z",
      eventName: "CreateAccount",
      userIdentity: { type: "AssumedRole", arn: "arn:aws:sts::111122223333:assumed-role/admin/ada@example.com" },
      responseElements: { createAccountStatus: { id: "car-1", state: "IN_PROGRESS" } },
    };
    const became = {
      ...base,
      eventID: "became",
      eventTime: "2026-03-01T10:02:00Z",
      eventName: "CreateAccountResult",
      userIdentity: { accountId: "111122223333", invokedBy: "organizations.amazonaws.com" },
      serviceEventDetails: { createAccountStatus: { id: "car-1", state: "SUCCEEDED", accountId: "444455556666" } },
    };
    const events = readLogFile(
      "trail",
      "log.json",
      new TextEncoder().encode(JSON.stringify({ Records: [asked, became] })),
    );
    const { makings } = await scratch.database.transact(({ sql }) => appendEvents(sql, events, new Date()));
    await attributeMakings(contextNow(), "trail", makings);
    const { rows } = await scratch.database.pool.query(
      "SELECT subject_key, origin, names_kind, names_value, held_from FROM ownership_claim WHERE source_key = 'trail'",
    );
    expect(rows).toEqual([
      {
        subject_key: "AWS 444455556666",
        origin: "audit-log",
        names_kind: "mail",
        names_value: "ada@example.com",
        held_from: new Date("2026-03-01T10:00:00Z"),
      },
    ]);
  });
});
