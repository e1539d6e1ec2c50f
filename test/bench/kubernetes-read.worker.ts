import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { kubernetesSpec, readClusters } from "#lib/sources/kubernetes/index.ts";

/** What one reading of all clusters took, and what it found. */
export type KubernetesReadResult = { milliseconds: number; peakMib: number; namespaces: number; pods: number };

const PAGE_SIZE = 500;
const [, , way, kubeconfig = ""] = process.argv;

const kubeconfigShape = z.object({
  clusters: z.array(z.object({ name: z.string(), cluster: z.object({ server: z.string() }) })),
  users: z.array(z.object({ user: z.object({ token: z.string() }) })),
});
const { clusters, users } = kubeconfigShape.parse(parse(await readFile(kubeconfig, "utf8")));

const start = performance.now();
const found = way === "bare" ? await readBare() : await readOurs();
const milliseconds = performance.now() - start;
const peakMib = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ ...found, milliseconds, peakMib }));

/** The least that has to be done: ask for each page when the one before has come, and parse it. */
async function readBare(): Promise<{ namespaces: number; pods: number }> {
  const counts = { nodes: 0, namespaces: 0, pods: 0 };
  for (const [index, { cluster }] of clusters.entries())
    for (const resource of ["nodes", "namespaces", "pods"] as const) {
      let token = "";
      do {
        const next = token === "" ? "" : `&continue=${token}`;
        const response = await fetch(`${cluster.server}/api/v1/${resource}?limit=${PAGE_SIZE}${next}`, {
          headers: { authorization: `Bearer ${users[index]?.user.token}` },
        });
        const page = JSON.parse(await response.text()) as { metadata: { continue?: string }; items: unknown[] };
        counts[resource] += page.items.length;
        token = page.metadata.continue ?? "";
      } while (token !== "");
    }
  return counts;
}

async function readOurs(): Promise<{ namespaces: number; pods: number }> {
  const spec = kubernetesSpec.parse({
    kind: "kubernetes",
    clusters: clusters.map(({ name }) => ({ key: name, kubeconfig, context: name })),
    pageSize: PAGE_SIZE,
  });
  const counts = { namespaces: 0, pods: 0 };
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  for await (const { inventory, error } of readClusters(spec, openGate, options)) {
    if (error !== null) throw error;
    if (!inventory.complete || inventory.unknown.length > 0) throw new Error("Something is unknown.");
    counts.namespaces += inventory.namespaces.length;
    for (const { pods } of inventory.namespaces) counts.pods += pods?.total ?? 0;
  }
  return counts;
}
