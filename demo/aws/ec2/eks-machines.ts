import type { Ec2Machine } from "#demo/aws/ec2/service.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { machineImageOf } from "#demo/estate/guardrails.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";

const DAY_MS = 86_400_000;

/** The nodes of the estate's clusters of EKS as EC2 knows them. By the day, so that every call answers the same. */
export function eksMachinesOf(estate: Estate): Ec2Machine[] {
  const today = Date.parse(`${estate.calendar.today}T00:00:00Z`);
  return plannedClusters(estate)
    .filter(({ distribution }) => distribution === "eks")
    .flatMap((cluster) =>
      cluster.nodes.map((node) => {
        const { id, createdDaysAgo } = machineImageOf(cluster, node);
        return {
          account: cluster.account.id,
          region: cluster.region,
          id: node.providerId.split("/").at(-1) ?? "",
          image: { id, createdAt: new Date(today - createdDaysAgo * DAY_MS).toISOString() },
        };
      }),
    );
}
