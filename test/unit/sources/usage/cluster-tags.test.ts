import { expect, test } from "vitest";
import { resourceTail } from "#lib/sources/cluster-costs.ts";
import { parseTags, recogniseClusterTags } from "#lib/sources/focus/cluster-tags.ts";

test.each([
  ["EKS's own tag", { "aws:eks:cluster-name": "prod" }, { clusterName: "prod", namespace: null }],
  ["eksctl's tag", { "alpha.eksctl.io/cluster-name": "prod" }, { clusterName: "prod", namespace: null }],
  ["a name in the key", { "kubernetes.io/cluster/prod": "owned" }, { clusterName: "prod", namespace: null }],
  ["a user's tag", { "user:eks:cluster-name": "prod" }, { clusterName: "prod", namespace: null }],
  ["AKS", { "aks-managed-cluster-name": "prod" }, { clusterName: "prod", namespace: null }],
  [
    "a disk of a claim",
    { "aws:eks:cluster-name": "prod", "kubernetes.io/created-for/pvc/namespace": "shop" },
    { clusterName: "prod", namespace: "shop" },
  ],
  [
    "a balancer of a service",
    { "kubernetes.io/cluster/prod": "owned", "kubernetes.io/service-name": "shop/web" },
    { clusterName: "prod", namespace: "shop" },
  ],
  [
    "a split row of AWS",
    { "aws:eks:cluster-name": "prod", "aws:eks:namespace": "shop" },
    { clusterName: "prod", namespace: "shop" },
  ],
  [
    "a service of ECS",
    { "aws:ecs:clusterName": "arn:aws:ecs:eu-central-1:1:cluster/jobs", "aws:ecs:serviceName": "mailer" },
    { clusterName: "ecs:jobs", namespace: "mailer" },
  ],
  [
    "what Google did not allocate",
    { "goog-k8s-cluster-name": "prod", "k8s-namespace": "kube:unallocated" },
    { clusterName: "prod", namespace: null },
  ],
])("%s names the cluster", (_name, tags, expected) => {
  expect(recogniseClusterTags(tags as Record<string, string>)).toEqual(expected);
});

test("tags that name no cluster are no cluster's, a namespace alone included", () => {
  expect(recogniseClusterTags({ team: "shop", "k8s-namespace": "shop" })).toBeNull();
  expect(recogniseClusterTags({ "aws:eks:cluster-name": " " })).toBeNull();
});

test("tags are read as an object and as a list, and what is neither has none", () => {
  expect(parseTags('{"a":"1","b":2}')).toEqual({ a: "1" });
  expect(parseTags('[{"key":"a","value":"1"},{"Key":"b","Value":"2"}]')).toEqual({ a: "1", b: "2" });
  expect([parseTags("no json"), parseTags("null"), parseTags('"text"')]).toEqual([{}, {}, {}]);
});

test.each([
  ["aws:///eu-central-1a/i-0123456789abcdef0", "i-0123456789abcdef0"],
  ["arn:aws:ec2:eu-central-1:1:instance/i-0123456789ABCDEF0", "i-0123456789abcdef0"],
  ["gce://project/zone/gke-prod-1", "gke-prod-1"],
  [
    "azure:///subscriptions/S/resourceGroups/MC_rg/providers/Microsoft.Compute/virtualMachineScaleSets/aks/virtualMachines/3",
    "/subscriptions/s/resourcegroups/mc_rg/providers/microsoft.compute/virtualmachinescalesets/aks",
  ],
])("%s and the id that it is billed under meet", (id, tail) => {
  expect(resourceTail(id)).toBe(tail);
});
