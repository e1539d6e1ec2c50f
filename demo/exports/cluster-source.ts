import type { Estate } from "#demo/estate/estate.ts";
import { BOTTLEROCKET_CLUSTER } from "#demo/estate/guardrails.ts";
import { LABEL_PREFIX } from "#demo/estate/namespaces-evidence.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";

/** Where the demo's clusters are reached. */
export type ClusterAddresses = {
  /** Path of the kubeconfig file with a context for every cluster. */
  kubeconfig: string;
  /** Base address of a cluster's Prometheus; null where it has none. */
  prometheusUrlOf(cluster: string): string | null;
};

/** How the demo's clusters would be configured by whoever runs them; `names`: only these. `ec2`: how EC2 is asked, where it is, for images. */
export function clusterSourceOf(
  estate: Estate,
  { kubeconfig, prometheusUrlOf }: ClusterAddresses,
  { names, ec2 }: { names?: readonly string[]; ec2?: object } = {},
): object {
  const clusters = plannedClusters(estate).filter(({ name }) => names?.includes(name) ?? true);
  return {
    kind: "kubernetes",
    title: "Clusters",
    clusters: clusters.map(({ name, account }) => {
      const prometheus = prometheusUrlOf(name);
      return {
        key: name,
        kubeconfig,
        context: name,
        account: account.id,
        ...(prometheus === null ? {} : { prometheus }),
        ...(ec2 !== undefined && name === BOTTLEROCKET_CLUSTER ? { ec2 } : {}),
      };
    }),
    keptAnnotations: ["*/keep-until", "*/keep-reason"],
    protectedLabels: [{ key: `${LABEL_PREFIX}/protected` }],
  };
}
