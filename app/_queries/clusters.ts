import { useMutation } from "@tanstack/react-query";
import type { ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { sendJson } from "#app/_queries/fetch-json.ts";

type MethodInput = Pick<ClusterMethodView, "method" | "idle" | "idlePer" | "shared"> & {
  /** First day that it counts for; null = from the beginning. */
  validFrom: string | null;
};

/** Saves how a cluster's bill is split and has its open days split again. */
export function useSaveClusterMethod(clusterKey: string) {
  return useMutation({
    mutationFn: (input: MethodInput) =>
      sendJson<{ methodId: number }>("POST", `/api/v1/clusters/${encodeURIComponent(clusterKey)}/method`, input),
  });
}
