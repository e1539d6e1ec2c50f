import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { AUDIT_SOURCE, auditSourceOf } from "#demo/exports/audit-logs.ts";
import { clusterSourceOf } from "#demo/exports/cluster-source.ts";
import { startKubernetes } from "#demo/kubernetes/server.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { loadConfig } from "#lib/config.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

/** The name that proofs give to the source of clusters. */
export const CLUSTERS = "proved-clusters";

/** Reads the clusters' audit logs and looks at every cluster of the demo once, as it is today, through the product's sources. */
export async function lookAtClusters({ estate, context }: ProvedEstate): Promise<void> {
  const { file } = loadConfig();
  if (file === null) throw new Error("The proved estate has no configuration.");
  const kubeconfig = join(dirname(file), "kubeconfig-of-proof");
  const server = await startKubernetes({ estate });
  try {
    await server.writeKubeconfig(kubeconfig);
    const document = parseDocument(await readFile(file, "utf8"));
    document.setIn(["sources", CLUSTERS], clusterSourceOf(estate, { kubeconfig, prometheusUrlOf: () => null }));
    document.setIn(["sources", AUDIT_SOURCE], auditSourceOf(estate, join(dirname(file), "estate", "audit")));
    await writeFile(file, document.toString());
    await syncSources(context());
    await pullEvery(context, AUDIT_SOURCE, new Date());
    await pullEvery(context, CLUSTERS, new Date());
  } finally {
    await server.close();
  }
}

/** Pulls every part of a source, for an instant: each of its clusters, or each log. */
export async function pullEvery(context: () => ServiceContext, sourceKey: string, at: Date): Promise<void> {
  const { runIds } = await planSource(context(), { sourceKey, logicalTime: at, trigger: "command-line", force: true });
  for (const runId of runIds) {
    const { period } = await readRun(context(), { runId });
    await pullSlice(context(), { runId, sourceKey, period: period ?? "" });
  }
}
