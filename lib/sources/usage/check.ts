import { checkStep } from "#lib/sources/aws/check-step.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { CheckResult } from "#lib/sources/source.ts";
import { askUsage, withUsageServer, type UsageServer } from "#lib/sources/usage/client.ts";
import type { UsageServerSpec } from "#lib/sources/usage/server-spec.ts";

/** The smallest question to whatever is to tell the use of the cluster's namespaces. */
export async function checkUsage(
  {
    key: cluster,
    prometheus,
    openCost,
  }: { key: string; prometheus?: UsageServerSpec | undefined; openCost?: UsageServerSpec | undefined },
  around: { gate: RequestGate; signal: AbortSignal },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const ask = async (
    spec: UsageServerSpec | undefined,
    what: UsageServer["what"],
    path: string,
    query: Record<string, string>,
  ) => {
    if (spec === undefined) return;
    results.push(
      await checkStep(`Cluster ${cluster}: ${what}`, () =>
        withUsageServer(spec, { cluster, what }, around, (server) => askUsage(server, path, query, around.signal)),
      ),
    );
  };
  await ask(prometheus, "Prometheus", "/api/v1/query", { query: "count(kube_pod_info)" });
  await ask(openCost, "OpenCost", "/allocation/compute", { window: "1h", aggregate: "namespace" });
  return results;
}
