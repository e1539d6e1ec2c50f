import type { CloudAccount } from "#demo/estate/accounts.ts";
import { ANY_OFFER, HOURS, ownerOf, type ClusterLine } from "#demo/estate/cluster-costs.ts";
import { nodeSku, SKUS, type Sku } from "#demo/estate/cluster-skus.ts";
import { FARGATE_SKUS, type EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";
import type { LineBook } from "#demo/estate/line-book.ts";
import { PROVIDERS } from "#demo/estate/services.ts";

const UNITS_OF_A_CORE = 1024;
const MIB_OF_A_GB = 1024;

/**
 * What the clusters of ECS are charged: the tasks of Fargate by cores and memory, under the tags that ECS puts on them, and machines without
 * any tag, which only whoever knows the cluster's machines can tell to be its own.
 */
export function ecsLinesOf(clusters: readonly EcsClusterPlan[], book: LineBook): ClusterLine[] {
  return clusters.flatMap((cluster) => {
    const { account, name } = cluster;
    const add = (offer: Sku, resource: Resource, quantity: number, tags: Record<string, string>): ClusterLine => ({
      account,
      cluster: ecsKeyOf(cluster),
      dailyQuantity: Math.round(quantity),
      from: null,
      to: null,
      line: book.usage(
        account,
        { ...ANY_OFFER, ...offer, provider: account.provider },
        placeOf(account, cluster.region, resource),
        tags,
        ownerOf(account),
      ),
    });
    const ofTasks = cluster.services.flatMap(({ name: service, cpu, memory, tasks }) =>
      tasks
        .filter(({ machine }) => machine === null)
        .flatMap(({ id, arn }) => {
          const tags = { "aws:ecs:clusterName": name, "aws:ecs:serviceName": service };
          const resource = { id: arn, name: id, zone: null };
          return [
            add(FARGATE_SKUS.cpu, resource, (HOURS * cpu) / UNITS_OF_A_CORE, tags),
            add(FARGATE_SKUS.memory, resource, (HOURS * memory) / MIB_OF_A_GB, tags),
          ];
        }),
    );
    const ofMachines = cluster.machines.map(({ id, zone, instanceType }) =>
      add(
        nodeSku(SKUS.AWS.node, { ...ANY_POOL, instanceType }),
        { id: `arn:aws:ec2:${cluster.region}:${account.id}:instance/${id}`, name: id, zone },
        HOURS,
        {},
      ),
    );
    return [...ofTasks, ...ofMachines];
  });
}

/** The name that Bursar has for a cluster of ECS. */
export function ecsKeyOf({ name, region, account }: Pick<EcsClusterPlan, "name" | "region" | "account">): string {
  return `${name}.${region}.${account.id}`;
}

type Resource = { id: string; name: string; zone: string | null };

const ANY_POOL = { name: "", vCpu: 0, memoryGib: 0, gpu: 0, capacityType: "on-demand", tenths: 0 } as const;

function placeOf({ provider }: CloudAccount, region: string, { id, name, zone }: Resource) {
  const [regionId, regionName] = PROVIDERS[provider].regions.find(([key]) => key === region) ?? [region, region];
  return { regionId, regionName, availabilityZone: zone, resourceId: id, resourceName: name };
}
