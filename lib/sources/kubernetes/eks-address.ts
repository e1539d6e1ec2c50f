import { DescribeClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { EKS_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";

export type EksAddress = { server: string; certificateAuthority: string | undefined };

/**
 * Where the API server of an EKS cluster is, and the certificate authority that signs for it: as the settings say, or as EKS tells it.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html
 *
 * @throws AppError "denied" with the statement to add, "not_found" where there is no such cluster, "unavailable" while it is being made.
 */
export async function eksAddress(
  eks: NonNullable<ClusterAccess["eks"]>,
  clients: Pick<AwsClients, "open" | "attempt">,
): Promise<EksAddress> {
  const { clusterName, region } = eks;
  if (eks.server !== undefined) return { server: eks.server, certificateAuthority: eks.certificateAuthority };
  const client = clients.open("eks", region, (settings) => new EKSClient(settings));
  const { cluster } = await clients.attempt(EKS_PERMISSIONS[0], async (options) => {
    try {
      return await client.send(new DescribeClusterCommand({ name: clusterName }), options);
    } catch (thrown) {
      if (!(thrown instanceof Error) || thrown.name !== "ResourceNotFoundException") throw thrown;
      throw new AppError("not_found", `EKS has no cluster "${clusterName}" in ${region}.`, {
        remedy: "Check clusterName and region of the cluster, and that roleArn is a role of the account that has it.",
        cause: thrown,
      });
    }
  });
  if (cluster?.endpoint === undefined)
    throw new AppError(
      "unavailable",
      `The cluster "${clusterName}" has no address yet: EKS calls it ${cluster?.status ?? "unknown"}.`,
      {
        remedy: "The next run asks again.",
      },
    );
  return {
    server: cluster.endpoint.replace(/\/+$/, ""),
    certificateAuthority: eks.certificateAuthority ?? cluster.certificateAuthority?.data,
  };
}
