import { expect, test } from "vitest";
import { kubernetesSpec } from "#lib/sources/kubernetes/spec.ts";

const eks = {
  clusterName: "claims",
  server: "https://0123.gr7.eu-central-1.eks.amazonaws.com",
  region: "eu-central-1",
};

function issuesOf(...clusters: object[]): string[] {
  const read = kubernetesSpec.safeParse({ kind: "kubernetes", clusters });
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test.each([{ kubeconfig: "/etc/bursar/kubeconfig" }, { inCluster: true }, { eks }])("%j leads to a cluster", (way) => {
  expect(issuesOf({ key: "claims", ...way })).toEqual([]);
});

test("a cluster is reached in one way, not in none or in two", () => {
  const message = "clusters.0.kubeconfig: name one of kubeconfig, inCluster and eks";
  expect(issuesOf({ key: "claims" })).toEqual([message]);
  expect(issuesOf({ key: "claims", kubeconfig: "a", inCluster: true })).toEqual([message]);
});

test("two clusters do not share a key, and the Rancher of a cluster is one of the source's", () => {
  const cluster = { key: "claims", kubeconfig: "a" };
  expect(issuesOf(cluster, cluster)).toEqual(["clusters.1.key: two clusters have this key"]);
  expect(issuesOf({ ...cluster, rancherCluster: "tools" })).toEqual([
    "clusters.0.rancherCluster: no cluster of this source has this key",
  ]);
});

test("a context without a kubeconfig and half of a key are refused", () => {
  expect(issuesOf({ key: "claims", inCluster: true, context: "x" })).toEqual([
    "clusters.0.context: a context is one of a kubeconfig",
  ]);
  expect(issuesOf({ key: "claims", eks: { ...eks, accessKeyId: "AKIDEXAMPLE" } })).toEqual([
    "clusters.0.eks.secretAccessKey: accessKeyId and secretAccessKey belong together",
  ]);
});
