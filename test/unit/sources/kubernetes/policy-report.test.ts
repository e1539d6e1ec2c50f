import { expect, test } from "vitest";
import { resultsOfReport, verdictOfResult } from "#lib/sources/kubernetes/policy-report.ts";
import { evaluationsOf } from "#lib/sources/kubernetes/read-reports.ts";
import { secretShape } from "#lib/sources/kubernetes/secret-shape.ts";
import { machineImageOf } from "#lib/sources/kubernetes/machine-image.ts";

const CLUSTER = {
  key: "tools",
  accountId: "1",
  namespaces: new Map([["shop", "ns-uid"]]),
  workloads: new Map([["shop/Deployment/web", "web-uid"]]),
};
const report = (results: object[], scope: object | null = null) => ({
  metadata: { name: "r", namespace: "shop" },
  scope,
  results: results.map((result) => ({ policy: "p", rule: "r", ...result })),
});

test.each([
  ["pass", "pass"],
  ["fail", "fail"],
  ["warn", "fail"],
  ["error", "unknown"],
  ["skip", "not_applicable"],
  ["Fail", "fail"],
  [undefined, "unknown"],
])("the result %s is %s", (result, verdict) => {
  expect(verdictOfResult(result)).toBe(verdict);
});

test("the worst of several results about one thing counts, in whatever order they come", () => {
  const results = [
    { result: "pass", message: "one" },
    { result: "fail", message: "two", severity: "high" },
    { result: "error", message: "three" },
  ].map((result) => ({ ...result, resources: [{ kind: "Deployment", name: "web", namespace: "shop" }] }));
  const readings = [results, results.toReversed()].map((some) =>
    evaluationsOf(resultsOfReport(report(some), "wgpolicyk8s.io"), CLUSTER),
  );
  expect(readings[0]).toEqual(readings[1]);
  expect(readings[0]?.rules).toMatchObject([{ ruleKey: "policy-report:p/r", severity: "high" }]);
  expect(readings[0]?.items).toMatchObject([
    { verdict: "fail", note: "two", resource: { kind: "Deployment", key: "tools web-uid", namespaceUid: "ns-uid" } },
  ]);
});

test("a replica set stands for its deployment, a report's scope for its results, and the cluster for what names nothing", () => {
  const items = [
    ...resultsOfReport(
      report([{ result: "pass" }], { kind: "ReplicaSet", name: "web-5d9c7b6f4", namespace: "shop" }),
      "k",
    ),
    ...resultsOfReport(report([{ result: "pass" }], { kind: "Pod", name: "alone", namespace: "shop" }), "k"),
    ...resultsOfReport({ metadata: { name: "c" }, results: [{ policy: "p", rule: "r", result: "fail" }] }, "k"),
  ];
  expect(evaluationsOf(items, CLUSTER).items.map(({ resource }) => [resource.kind, resource.key])).toEqual([
    ["Deployment", "tools web-uid"],
    ["Pod", "tools shop/Pod/alone"],
    ["Cluster", "tools"],
  ]);
});

test.each([
  ["-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"],
  ["postgres://app:hunter2@db:5432/app", "an address with a password in it"],
  ["https://example.com/a:b@c", null],
  ["postgres://app:$(PASSWORD)@db/app", null],
  ["8080", null],
])("what %s looks like", (value, shape) => {
  expect(secretShape(value)).toBe(shape);
});

test.each([
  [{ "kubernetes.azure.com/node-image-version": "AKSUbuntu-2204gen2containerd-202510.03.0" }, null, "2025-10-03"],
  [{ "eks.amazonaws.com/nodegroup-image": "ami-1" }, "Amazon Linux 2023.9.20251014", "2025-10-14"],
  [{}, "Ubuntu 22.04.5 LTS", undefined],
])("when the image of a node with %j and %s was made", (labels, system, day) => {
  expect(machineImageOf(labels, system).machineImageCreatedAt?.toISOString().slice(0, 10)).toBe(day);
});
