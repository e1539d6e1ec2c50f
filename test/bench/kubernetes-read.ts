import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKubernetes } from "#demo/kubernetes/server.ts";
import type { KubernetesReadResult } from "#test/bench/kubernetes-read.worker.ts";
import { bound, compare, median, type Measure, type MeasureOptions, type Measurement } from "#test/bench/measure.ts";
import { later, runProgram } from "#test/bench/workshop.ts";

const ROUNDS = 3;
const TIME_LIMIT = 1.5;
const PEAK_LIMIT_MIB = 512;
const CLUSTERS = 50;
const NAMESPACES = 100_000;
const PODS = 1_000_000;

export const kubernetes: Measure = {
  name: "kubernetes",
  about:
    "100,000 namespaces and 1 million pods of 50 clusters, against a client that only asks for the pages and parses them",
  run: measureKubernetes,
};

async function measureKubernetes({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const size = {
    clusters: Math.max(1, Math.round(CLUSTERS * scale)),
    namespaces: Math.round(NAMESPACES * scale),
    pods: Math.round(PODS * scale),
  };
  const folder = await mkdtemp(join(tmpdir(), "bursar-bench-"));
  const removeFolder = later(() => rm(folder, { recursive: true, force: true }));
  // The server writes its answers from templates in this process, both clients read them in processes of their own.
  const server = await startKubernetes({ synthetic: size });
  const stopServer = later(() => server.close());
  try {
    const kubeconfig = join(folder, "kubeconfig");
    await server.writeKubeconfig(kubeconfig);
    const readOnce = async (way: "ours" | "bare") => {
      const result = (await runProgram("kubernetes-read.worker.ts", [way, kubeconfig], {})) as KubernetesReadResult;
      if (result.namespaces !== size.namespaces || result.pods !== size.pods)
        throw new Error(`${way} read ${result.namespaces} namespaces and ${result.pods} pods.`);
      return result;
    };
    const ours: KubernetesReadResult[] = [];
    const bare: KubernetesReadResult[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      bare.push(await readOnce("bare"));
      ours.push(await readOnce("ours"));
      note(`kubernetes: round ${round} of ${ROUNDS}: ours ${describe(ours.at(-1))}; bare ${describe(bare.at(-1))}`);
    }
    const secondsOf = (results: readonly KubernetesReadResult[]) =>
      median(results.map(({ milliseconds }) => milliseconds / 1000));
    return [
      compare("kubernetes", "s", secondsOf(ours), secondsOf(bare), TIME_LIMIT),
      bound("kubernetes memory", "MiB", Math.max(...ours.map(({ peakMib }) => peakMib)), PEAK_LIMIT_MIB),
    ];
  } finally {
    await stopServer();
    await removeFolder();
  }
}

function describe(result: KubernetesReadResult | undefined): string {
  return result ? `${(result.milliseconds / 1000).toFixed(2)} s, ${Math.round(result.peakMib)} MiB` : "";
}
