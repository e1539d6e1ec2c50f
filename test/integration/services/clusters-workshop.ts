import { join } from "node:path";
import { writeDirectory } from "#demo/exports/directory-files.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { startKubernetes, type KubernetesServer } from "#demo/kubernetes/server.ts";
import { AppError } from "#lib/errors.ts";
import type { Day } from "#lib/domain/period.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";

export const TODAY = "2026-11-21" as Day;
export const NOON = new Date(`${TODAY}T12:00:00Z`);

export const WORKSHOP_ESTATE = { seed: "halvern", today: TODAY, months: 4, scale: 0.03 };

/** An installation that reads clusters of the demo, with its directory loaded. */
export type ClusterWorkshop = {
  estate: Estate;
  server: KubernetesServer;
  instance: TestInstance;
  /** Looks at some of the clusters, or all; the run stands for `at`. Failed runs are answered, not thrown. */
  look(at: Date, clusters?: readonly string[]): Promise<RunView[]>;
  close(): Promise<void>;
};

/** @param others more sources of the configuration. @param settings of the source beside its clusters. `clusters`: those that are configured. */
export async function openClusterWorkshop(
  clusters: readonly string[],
  settings: object = {},
  clock: () => Date = () => NOON,
  others: object = {},
): Promise<ClusterWorkshop> {
  const estate = createEstate(WORKSHOP_ESTATE);
  const server = await startKubernetes({ estate, clock, terminationMs: 1 });
  const instance = await createInstance({
    sources: {
      ...others,
      directory: { kind: "directory-file", path: "./directory" },
      clusters: {
        kind: "kubernetes",
        clusters: clusters.map((key) => ({
          key,
          kubeconfig: "./kubeconfig",
          context: key,
          account: accountOf(key),
          ...prometheusOf(server, key),
        })),
        keptAnnotations: ["*/keep-until", "*/keep-reason"],
        protectedLabels: [{ key: "halvern.example/protected" }],
        ...settings,
      },
    },
  });
  await writeDirectory(join(instance.home, "directory"), estate);
  await server.writeKubeconfig(join(instance.home, "kubeconfig"));
  await instance.load("directory");
  return {
    estate,
    server,
    instance,
    look: async (at, only = clusters) => {
      const runs: RunView[] = [];
      for (const period of only) {
        const context = { ...instance.context(), now: at };
        const request = { sourceKey: "clusters", period, logicalTime: at, trigger: "command-line" as const };
        const { runIds } = await planSource(context, request);
        for (const runId of runIds) {
          await pullSlice(context, { runId, sourceKey: "clusters", period }).catch((thrown: unknown) => {
            if (!(thrown instanceof AppError)) throw thrown;
          });
          runs.push(await readRun(context, { runId }));
        }
      }
      return runs;
    },
    close: async () => {
      await server.close();
      await instance.remove();
    },
  };
}

function accountOf(cluster: string): string {
  return `account-of-${cluster}`;
}

function prometheusOf(server: KubernetesServer, cluster: string): { prometheus?: string } {
  const prometheus = server.prometheusUrlOf(cluster);
  return prometheus === null ? {} : { prometheus };
}
