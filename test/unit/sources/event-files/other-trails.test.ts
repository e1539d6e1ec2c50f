import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { argocd } from "#lib/sources/argocd/normalize.ts";
import { azureActivity } from "#lib/sources/azure-activity/normalize.ts";
import {
  checkEventFiles,
  planEventFiles,
  readEventFileSource,
  type RecordNormalizer,
} from "#lib/sources/event-files/event-file-source.ts";
import { normalizerOf } from "#lib/sources/event-files/normalizer-of.ts";
import { rancherAudit } from "#lib/sources/rancher-audit/normalize.ts";
import { servicenow } from "#lib/sources/servicenow/normalize.ts";
import { sourceSpec } from "#lib/sources/source-spec.ts";
import { terraform } from "#lib/sources/terraform/normalize.ts";

const folder = mkdtempSync(join(tmpdir(), "bursar-trails-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = { sourceKey: "trail", body: new Uint8Array(), textHash: "hash" };
const eventsOf = (normalizer: RecordNormalizer, record: unknown) => normalizer.toEvents(record, BASE);

const ROLE_ASSIGNMENT = {
  eventDataId: "e-1",
  eventTimestamp: "2026-03-01T10:00:00.1234567Z",
  caller: "Ada@example.com",
  operationName: { value: "Microsoft.Authorization/roleAssignments/write", localizedValue: "Create role assignment" },
  resourceId:
    "/subscriptions/0B1F6471-1BF0-4DDA-AEC3-111122223333/resourceGroups/claims/providers/Microsoft.Authorization/roleAssignments/a",
  status: { value: "Succeeded" },
  subStatus: { value: "Created" },
  httpRequest: { clientIpAddress: "192.0.2.1", method: "PUT" },
};

describe("Azure's activity log", () => {
  test("as the API lists it", () => {
    expect(eventsOf(azureActivity, ROLE_ASSIGNMENT)).toMatchObject([
      {
        eventKey: "e-1",
        occurredAt: new Date("2026-03-01T10:00:00.123Z"),
        actor: "Ada@example.com",
        actorKind: "user",
        person: "ada@example.com",
        action: "Microsoft.Authorization/roleAssignments/write",
        verbClass: "admin",
        accountId: "0b1f6471-1bf0-4dda-aec3-111122223333",
        outcome: "success",
        sourceAddress: "192.0.2.1",
      },
    ]);
  });

  test("as diagnostic settings write it", () => {
    const record = {
      time: "2026-03-01T10:00:00Z",
      resourceId: "/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/CLAIMS/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-1",
      operationName: "MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE",
      resultType: "Failure",
      resultSignature: "Failed.Forbidden",
      callerIpAddress: "192.0.2.1",
      identity: { claims: { appid: "f00d", name: "claims deployer" } },
    };
    expect(eventsOf(azureActivity, record)).toMatchObject([
      {
        eventKey: "hash",
        actor: "claims deployer",
        actorKind: "service",
        person: null,
        verbClass: "write",
        outcome: "denied",
        accountId: "s-1",
      },
    ]);
  });
});

describe("Rancher's audit log", () => {
  const normalizer = rancherAudit({ "c-m-7x2kq9lp": "workplace" });
  test("of newer versions, with the cluster and the namespace that it is about", () => {
    const record = {
      auditID: "a-1",
      requestURI: "/k8s/clusters/c-m-7x2kq9lp/api/v1/namespaces/claims?dryRun=none",
      user: { name: "u-abc12", group: ["system:authenticated"], extra: { username: ["ada@example.com"] } },
      method: "DELETE",
      remoteAddr: "192.0.2.1:45678",
      requestTimestamp: "2026-03-01T10:00:00Z",
      responseCode: "403",
    };
    expect(eventsOf(normalizer, record)).toMatchObject([
      {
        eventKey: "a-1",
        actor: "u-abc12",
        person: "ada@example.com",
        clusterKey: "workplace",
        namespace: "claims",
        verbClass: "write",
        outcome: "denied",
        sourceAddress: "192.0.2.1",
      },
    ]);
  });

  test("of older versions, a stage at a time and with their own way to write times", () => {
    const record = {
      auditID: "a-2",
      requestURI: "/v3/projects/c-x:p-y/projectroletemplatebindings",
      sourceIPs: ["::1"],
      user: { name: "user-f4tt2" },
      verb: "PUT",
      stage: "RequestReceived",
      stageTimestamp: "2026-03-01 18:00:00 +0800",
    };
    expect(eventsOf(normalizer, record)).toMatchObject([
      {
        eventKey: "a-2/RequestReceived",
        occurredAt: new Date("2026-03-01T10:00:00Z"),
        verbClass: "admin",
        clusterKey: null,
      },
    ]);
    expect(eventsOf(normalizer, { ...record, stageTimestamp: "yesterday" })).toBeNull();
  });
});

describe("Argo CD", () => {
  const event = {
    kind: "Event",
    metadata: { name: "claims.17", namespace: "argocd", uid: "u-1" },
    involvedObject: { kind: "Application", name: "claims" },
    reason: "OperationStarted",
    type: "Normal",
    count: 2,
    lastTimestamp: "2026-03-01T10:00:00Z",
  };
  test.each([
    ["ada@example.com initiated sync to HEAD (1a2b3c)", "ada@example.com", "ada@example.com"],
    ["admin deleted application", "admin", null],
    ["Initiated automated sync to '1a2b3c'", "argocd-application-controller", null],
    ["Updated health status: Missing -> Progressing", "argocd-application-controller", null],
  ])("says %j, which %s did", (message, actor, person) => {
    expect(eventsOf(argocd({}), { ...event, message })).toMatchObject([
      {
        eventKey: "u-1/2",
        actor,
        person,
        action: "OperationStarted",
        resource: "applications/claims",
        outcome: "success",
      },
    ]);
  });

  test("keeps in an application who deployed it", () => {
    const history = [
      { id: 3, deployedAt: "2026-03-01T10:00:00Z", initiatedBy: { username: "ada@example.com" } },
      { id: 4, deployedAt: "2026-03-02T10:00:00Z", initiatedBy: { automated: true } },
    ];
    const record = {
      kind: "Application",
      metadata: event.metadata,
      spec: { destination: { namespace: "claims" } },
      status: { history },
    };
    expect(eventsOf(argocd({}), record)).toMatchObject([
      { eventKey: "u-1/deployment 3", person: "ada@example.com", namespace: "claims" },
      { eventKey: "u-1/deployment 4", actorKind: "service" },
    ]);
  });

  test.each([
    [{ server: "https://claims.example.com:6443/" }, "eks-claims"],
    [{ name: "motor" }, "eks-motor"],
    [{ server: "https://kubernetes.default.svc" }, "platform"],
    [{ name: "in-cluster" }, "platform"],
    [{ server: "https://other.example.com" }, null],
    [{ name: "constructor" }, null],
    [{}, null],
  ])("is in the cluster that the destination %j means", (destination, clusterKey) => {
    const own = argocd({
      "https://claims.example.com:6443": "eks-claims",
      motor: "eks-motor",
      "in-cluster": "platform",
    });
    const deployed = {
      kind: "Application",
      metadata: event.metadata,
      spec: { destination: { ...destination, namespace: "claims" } },
      status: { history: [{ id: 1, deployedAt: "2026-03-01T10:00:00Z" }] },
    };
    expect(eventsOf(own, deployed)).toMatchObject([{ clusterKey, namespace: "claims" }]);
    if (!("server" in destination)) return;
    const annotations = { "dest-server": destination.server, "dest-namespace": "claims", user: "ada@example.com" };
    const told = { ...event, metadata: { ...event.metadata, annotations } };
    expect(eventsOf(own, told)).toMatchObject([{ clusterKey, namespace: "claims" }]);
  });

  test("whose events tell of no place is in none", () => {
    const annotations = { "dest-server": "", "dest-namespace": "" };
    const told = { ...event, metadata: { ...event.metadata, annotations } };
    expect(eventsOf(argocd({ "in-cluster": "platform" }), told)).toMatchObject([{ clusterKey: null, namespace: null }]);
  });
});

describe("Terraform", () => {
  test("by an apply of Atlantis", () => {
    const record = {
      receivedAt: "2026-03-01T10:00:00Z",
      Workspace: "default",
      Repo: { FullName: "claims/infra" },
      Pull: { Num: 7 },
      User: { Username: "ada" },
      Success: false,
      Directory: "network",
      ProjectName: "",
    };
    expect(eventsOf(terraform, record)).toMatchObject([
      {
        eventKey: "hash",
        actor: "ada",
        resource: "claims/infra#7 network default",
        outcome: "failure",
        verbClass: "write",
      },
    ]);
    expect(eventsOf(terraform, { ...record, receivedAt: undefined })).toBeNull();
  });

  test("by the audit trail of HCP Terraform", () => {
    const record = {
      id: "ae-1",
      timestamp: "2026-03-01T10:00:00.000Z",
      auth: { accessor_id: "user-1", description: "ada", type: "Client", organization_id: "org-1" },
      resource: { id: "at-1", type: "authentication_token", action: "create" },
    };
    expect(eventsOf(terraform, record)).toMatchObject([
      { eventKey: "ae-1", actor: "ada", actorKind: "user", action: "create authentication_token", verbClass: "admin" },
    ]);
  });
});

test("a change of ServiceNow is an event a version, whatever way its values are written", () => {
  const both = (value: string, text: string) => ({ value, display_value: text });
  const record = {
    sys_id: both("9d38", "9d38"),
    number: both("CHG0030001", "CHG0030001"),
    state: both("-1", "Implement"),
    approval: both("approved", "Approved"),
    cmdb_ci: both("55b3", "claims database"),
    sys_updated_on: both("2026-03-01 10:00:00", "2026-03-01 11:00:00"),
    sys_updated_by: both("ada@example.com", "ada@example.com"),
  };
  expect(eventsOf(servicenow, record)).toMatchObject([
    {
      eventKey: "9d38/2026-03-01T10:00:00.000Z",
      action: "change_request implement",
      resource: "CHG0030001 claims database",
      person: "ada@example.com",
      outcome: "success",
    },
  ]);
  const plain = {
    sys_id: "9d38",
    number: "CHG0030001",
    state: "4",
    approval: "rejected",
    sys_updated_on: "2026-03-01 10:00:00",
    sys_updated_by: "system",
  };
  expect(eventsOf(servicenow, plain)).toMatchObject([
    { action: "change_request canceled", actorKind: "system", outcome: "denied" },
  ]);
  expect(eventsOf(servicenow, { ...plain, sys_updated_on: "" })).toBeNull();
});

test("their files are read by one reader: what is none of the trail's records is a finding", async () => {
  // A table is made for each month that events are of.
  const beyond = { ...ROLE_ASSIGNMENT, eventTimestamp: "+027576-01-01T00:00:00Z" };
  const value = [ROLE_ASSIGNMENT, { other: true }, beyond];
  writeFileSync(join(folder, "page.json"), JSON.stringify({ value, nextLink: "" }));
  const spec = sourceSpec.parse({ kind: "azure-activity", path: folder });
  if (spec.kind !== "azure-activity") throw new Error("It is of another kind.");
  expect(await planEventFiles(spec.path)).toMatchObject([{ period: "all", files: [{ name: "page.json" }] }]);
  const options = { cursor: null, now: new Date(), signal: new AbortController().signal, onProgress: () => {} };
  for await (const batch of readEventFileSource("azure", spec.path, normalizerOf(spec), options))
    expect(batch).toMatchObject({
      events: [
        { sourceKey: "azure", eventKey: "e-1", body: new TextEncoder().encode(JSON.stringify(ROLE_ASSIGNMENT)) },
      ],
      findings: [{ code: "event_not_understood", file: "page.json", firstRow: 2, count: 2 }],
    });
  expect(await checkEventFiles(join(folder, "nowhere"))).toMatchObject([
    { ok: false, error: { code: "invalid_config" } },
  ]);
  for (const kind of ["rancher-audit", "argocd", "terraform", "servicenow"])
    expect(sourceSpec.parse({ kind, path: folder }).kind).toBe(kind);
});
