import * as sdk from "@aws-sdk/client-eks";
import { AwsFailure, type AwsService, operation } from "#demo/aws/service.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { clustersOf } from "#demo/estate/clusters.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** A cluster as EKS describes it to its own account. */
export type EksCluster = {
  name: string;
  account: string;
  region: string;
  version: string;
  /** Null while it is being made. */
  endpoint: string | null;
  /** PEM in base64. */
  certificateAuthority: string | null;
  tags: Record<string, string>;
};

const THROTTLED = "Rate exceeded";

/** Elastic Kubernetes Service, as far as it tells where a cluster is. */
export function createEks(clusters: readonly EksCluster[]): AwsService {
  return {
    name: "eks",
    protocol: "rest-json",
    target: "",
    regions: null,
    throttling: { code: "ThrottlingException", message: THROTTLED },
    failures: { ServerException: "Internal server error", ThrottlingException: THROTTLED },
    route: ({ method, path }) => {
      const name = /^\/clusters\/([^/]+)$/.exec(path)?.[1];
      return method === "GET" && name !== undefined
        ? { operation: "DescribeCluster", input: { name: decodeURIComponent(name) } }
        : null;
    },
    operations: {
      DescribeCluster: operation<sdk.DescribeClusterRequest, sdk.DescribeClusterResponse>({
        schema: sdk.DescribeCluster$,
        action: "eks:DescribeCluster",
        resourceOf: ({ name }, { account }) => `arn:aws:eks:*:${account}:cluster/${name}`,
        answer: ({ name = "" }, { caller, region }) => {
          const found = clusters.find(
            (cluster) => cluster.name === name && cluster.account === caller.account && cluster.region === region,
          );
          if (!found)
            throw new AwsFailure("ResourceNotFoundException", `No cluster found for name: ${name}.`, { status: 404 });
          return { cluster: described(found) };
        },
      }),
    },
  };
}

function described({ name, account, region, version, endpoint, certificateAuthority, tags }: EksCluster): sdk.Cluster {
  return {
    name,
    arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
    version,
    status: endpoint === null ? "CREATING" : "ACTIVE",
    ...(endpoint === null ? {} : { endpoint }),
    ...(certificateAuthority === null ? {} : { certificateAuthority: { data: certificateAuthority } }),
    tags,
  };
}

/** The estate's clusters, where EKS would say that they are. */
export function eksClustersOf(estate: Pick<Estate, "accounts" | "streams">): EksCluster[] {
  return clustersOf(estate)
    .filter(({ distribution }) => distribution === "eks")
    .map(({ name, account, region, version }) => ({
      name,
      account: account.id,
      region,
      version: version.replace(/^v(\d+\.\d+).*$/, "$1"),
      endpoint: `https://${uuidOf("eks", name).replaceAll("-", "").toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
      certificateAuthority: Buffer.from(`the demo's authority of ${name}`).toString("base64"),
      tags: {},
    }));
}
