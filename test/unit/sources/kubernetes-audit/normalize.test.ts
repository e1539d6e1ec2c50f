import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { auditEvent, toTrailEvent } from "#lib/sources/kubernetes-audit/normalize.ts";

const SAMPLE = join(import.meta.dirname, "../../../../../shared/data/kubernetes-audit.sample.jsonl");
const hasSample = existsSync(SAMPLE);

const BASE = {
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  auditID: "b9ea90a0",
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces?dryRun=All",
  verb: "create",
  user: { username: "ada@example.com" },
  sourceIPs: ["192.0.2.1", "198.51.100.1"],
  objectRef: { resource: "namespaces", name: "claims" },
  responseStatus: { code: 201 },
  requestReceivedTimestamp: "2026-03-01T10:00:00.123456Z",
};
const one = (changes: Record<string, unknown> = {}) =>
  toTrailEvent("audit", "one", auditEvent.parse({ ...BASE, ...changes }), new Uint8Array());

describe("an audit event of Kubernetes", () => {
  test("is an event of the trail", () => {
    expect(one()).toMatchObject({
      eventKey: expect.stringMatching(/^b9ea90a0\/ResponseComplete\/[0-9a-f]{24}$/),
      actor: "ada@example.com",
      actorKind: "user",
      person: "ada@example.com",
      action: "create namespaces",
      verbClass: "write",
      resource: "namespaces/claims",
      clusterKey: "one",
      namespace: "claims",
      outcome: "success",
      // All but the last can be of the one who asked.
      sourceAddress: "192.0.2.1, 198.51.100.1",
      occurredAt: new Date("2026-03-01T10:00:00.123Z"),
    });
  });

  test("is not taken for another one to whose request somebody gave the same Audit-ID", () => {
    const keys = [
      {},
      { verb: "delete" },
      { requestURI: "/api/v1/namespaces/other" },
      { requestReceivedTimestamp: "2026-03-01T10:00:00.123457Z" },
      { stageTimestamp: "2026-03-01T10:00:00.123458Z" },
      { user: { username: "zoe@example.com" } },
      { impersonatedUser: { username: "zoe@example.com" } },
      { sourceIPs: ["192.0.2.1"] },
      { stage: "RequestReceived" },
    ].map((change) => one(change).eventKey);
    expect(new Set(keys).size).toBe(keys.length);
    // What comes a second time, with more or less of its answer, is the same.
    expect(one({ annotations: { a: "b" }, responseObject: {} }).eventKey).toBe(keys[0]);
  });

  test("is the doing of the one whom a proxy acted for", () => {
    const { actor } = one({
      user: { username: "system:serviceaccount:cattle-system:rancher" },
      impersonatedUser: { username: "u-abc12" },
    });
    expect(actor).toBe("u-abc12");
  });

  test.each([
    [{ verb: "list" }, { verbClass: "read" }],
    [
      { verb: "create", objectRef: { resource: "clusterrolebindings", apiGroup: "rbac.authorization.k8s.io" } },
      { verbClass: "admin" },
    ],
    [
      { objectRef: { resource: "pods", subresource: "exec", namespace: "claims", name: "a" } },
      { action: "create pods/exec", resource: "pods/exec/a" },
    ],
    [
      { objectRef: null, requestURI: "/healthz?x=1", verb: "get" },
      { action: "get /healthz", resource: "" },
    ],
    [{ responseStatus: { code: 403 } }, { outcome: "denied" }],
    [{ responseStatus: { code: 409 } }, { outcome: "failure" }],
    [{ user: { username: "system:serviceaccount:a:b" } }, { actorKind: "service", person: null }],
    [{ user: { username: "system:apiserver" } }, { actorKind: "system" }],
    [
      { user: {}, stage: "ResponseStarted", responseStatus: { code: 401 } },
      { actor: "not authenticated", actorKind: "unknown", person: null, outcome: "denied" },
    ],
  ])("%j reads as %j", (changes, expected) => {
    expect(one(changes)).toMatchObject(expected);
  });
});

// A recording of a real server, beside the checkout where somebody works on it.
test.skipIf(!hasSample)("the recorded events of a real server are all understood", () => {
  const lines = readFileSync(SAMPLE, "utf8").trim().split("\n");
  const events = lines.map((line) =>
    toTrailEvent("audit", "one", auditEvent.parse(JSON.parse(line)), new Uint8Array()),
  );
  expect(events).toHaveLength(lines.length);
  expect(events.some(({ action, namespace }) => action === "create namespaces" && namespace !== null)).toBe(true);
  expect(events.some(({ outcome }) => outcome === "denied")).toBe(true);
});
