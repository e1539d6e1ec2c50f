import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POST } from "#app/api/v1/kubernetes-audit/[cluster]/route.ts";
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
          ],
        },
      },
    }),
  );
  process.env["BURSAR_CONFIG"] = join(folder, "bursar.yaml");
  process.env["DATABASE_URL"] = scratch.url;
});
afterAll(async () => {
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
    expect(events[0]).toEqual({ cluster_key: "one", event_key: "same/ResponseComplete", actor: "ada@example.com" });
  });

  test("refuses whoever has no token of the cluster, keeps nothing of it, and logs it once", async () => {
    const before = (await kept()).length;
    for (const [cluster, token] of [
      ["one", null],
      ["one", "other"],
      ["two", "first"],
      ["three", "first"],
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

  test("keeps nothing of a list that it does not understand whole, and says where", async () => {
    const before = (await kept()).length;
    const answer = await post(
      "one",
      "first",
      listOf(auditEventText({ auditID: "good" }), auditEventText({ stage: "Later" })),
    );
    expect(answer.status).toBe(422);
    expect((await answer.json()).error).toMatchObject({ code: "bad_data", place: { row: 2, column: "stage" } });
    expect((await post("one", "first", listOf(), { "content-length": "99999999" })).status).toBe(422);
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
