import { describe, expect, test } from "vitest";
import { isUseByPerson, makingOf } from "#lib/domain/trail/making.ts";
import { personOf } from "#lib/domain/trail/person-of.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { parseAuditEvent } from "#lib/sources/kubernetes-audit/parse-events.ts";
import { auditEventText } from "#test/unit/sources/kubernetes-audit/audit-event-text.ts";

const NOW = new Date("2026-03-02T00:00:00Z");
const audited = (changes: Record<string, unknown> = {}) =>
  parseAuditEvent({ sourceKey: "audit", clusterKey: "one" }, auditEventText(changes), { row: 1, now: NOW });

/** An event of CloudTrail with this record. */
function cloudEvent(action: string, record: object, changes: Partial<TrailEvent> = {}): TrailEvent {
  const body = new TextEncoder().encode(JSON.stringify(record));
  return { ...audited(), clusterKey: null, namespace: null, action, resource: "", body, ...changes };
}

describe("who made a namespace", () => {
  test("is whoever asked for it, with its uid where the answer is there", () => {
    expect(makingOf(audited())).toMatchObject({
      kind: "namespace",
      name: "claims",
      uid: null,
      person: "ada@example.com",
      through: null,
    });
    expect(makingOf(audited({ responseObject: { metadata: { name: "claims", uid: "u-1" } } }))).toMatchObject({
      uid: "u-1",
    });
  });

  test("is the one whom a proxy acted for, and the proxy is kept", () => {
    const user = { username: "system:serviceaccount:cattle-system:rancher" };
    const impersonatedUser = {
      username: "u-abc12",
      extra: { username: ["Ada@Example.com"], principalid: ["local://u-abc12"] },
    };
    expect(makingOf(audited({ user, impersonatedUser }))).toMatchObject({
      actor: "u-abc12",
      person: "ada@example.com",
      through: "system:serviceaccount:cattle-system:rancher",
    });
  });

  test("is known of a generated name by the answer", () => {
    const made = {
      objectRef: { resource: "namespaces" },
      responseObject: { metadata: { name: "run-x7f", uid: "u-2" } },
    };
    expect(makingOf(audited(made))).toMatchObject({ name: "run-x7f", uid: "u-2" });
    expect(makingOf(audited({ objectRef: { resource: "namespaces" } }))).toBeNull();
  });

  test.each([
    ["was refused", { responseStatus: { code: 403 } }],
    ["was there already", { responseStatus: { code: 409 } }],
    ["was only tried out", { requestURI: "/api/v1/namespaces?dryRun=All" }],
    ["is something else", { verb: "delete" }],
  ])("is nobody where it %s", (_what, changes) => {
    expect(makingOf(audited(changes))).toBeNull();
  });
});

test("who asked for an account and which one it became are two events; Control Tower tells both in one", () => {
  const asked = cloudEvent("organizations.amazonaws.com:CreateAccount", {
    responseElements: { createAccountStatus: { id: "car-1", state: "IN_PROGRESS" } },
  });
  const result = cloudEvent(
    "organizations.amazonaws.com:CreateAccountResult",
    { serviceEventDetails: { createAccountStatus: { id: "car-1", state: "SUCCEEDED", accountId: "111122223333" } } },
    { person: null },
  );
  const managed = cloudEvent("controltower.amazonaws.com:CreateManagedAccount", {
    serviceEventDetails: { createManagedAccountStatus: { state: "SUCCEEDED", account: { accountId: "444455556666" } } },
  });
  const failed = cloudEvent("organizations.amazonaws.com:CreateAccountResult", {
    serviceEventDetails: { createAccountStatus: { id: "car-2", state: "FAILED" } },
  });
  expect([asked, result, managed, failed].map(makingOf)).toMatchObject([
    { kind: "account-request", uid: "car-1", person: "ada@example.com" },
    { kind: "account-result", uid: "car-1", name: "111122223333" },
    { kind: "account", name: "444455556666" },
    null,
  ]);
});

test.each([
  ["ada@example.com", {}, "ada@example.com"],
  ["oidc:Ada@example.com", {}, "ada@example.com"],
  ["arn:aws:sts::111122223333:assumed-role/admin/ada@example.com", {}, "ada@example.com"],
  ["admin-role", { sessionName: ["ada@example.com"] }, "ada@example.com"],
  ["u-abc12", { Username: ["admin"], other: ["ada@example.com"] }, null],
  ["system:serviceaccount:a:b", { email: ["ada@example.com"] }, null],
  ["kubernetes-admin", null, null],
])("behind the user %s with %j stands %s", (username, extra: Record<string, string[]> | null, person) => {
  expect(personOf(username, extra)).toBe(person);
});

test.each([
  [
    "a change by a person",
    { verb: "patch", objectRef: { resource: "deployments", namespace: "claims", name: "api" } },
    true,
  ],
  ["a look", { verb: "get", objectRef: { resource: "pods", namespace: "claims" } }, false],
  ["the making of the namespace itself", {}, false],
  [
    "a change by a controller",
    {
      verb: "patch",
      user: { username: "system:serviceaccount:a:b" },
      objectRef: { resource: "pods", namespace: "claims" },
    },
    false,
  ],
  [
    "a refused change",
    { verb: "delete", responseStatus: { code: 403 }, objectRef: { resource: "pods", namespace: "claims" } },
    false,
  ],
])("%s counts as use by a person: %s", (_what, changes, expected) => {
  expect(isUseByPerson(audited(changes))).toBe(expected);
});
