import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
  type Cluster,
  type ContainerInstance,
  type Service,
  type Task,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { ecsPermission, type EcsAction } from "#lib/sources/aws-ecs/permission.ts";
import { readImageDates } from "#lib/sources/aws/machine-images.ts";

/** Pages of one list: 1,000,000 tasks. */
const MAX_PAGES = 10_000;
/** How much the API takes at once. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
const SERVICES_AT_ONCE = 10;
const ENTRIES_AT_ONCE = 100;

/** The questions to ECS in one region. Lists are read to their end, and described in batches of what the API takes. */
export type EcsRequests = {
  listClusters(): Promise<string[]>;
  /** Those that are there and active. */
  describeClusters(arns: readonly string[]): Promise<Cluster[]>;
  listServices(cluster: string): Promise<string[]>;
  describeServices(cluster: string, arns: readonly string[]): Promise<Service[]>;
  listTasks(cluster: string, desiredStatus: "RUNNING" | "STOPPED"): Promise<string[]>;
  describeTasks(cluster: string, arns: readonly string[]): Promise<Task[]>;
  /** Null where it is not there any more. */
  describeTaskDefinition(arn: string): Promise<TaskDefinition | null>;
  listContainerInstances(cluster: string): Promise<string[]>;
  describeContainerInstances(cluster: string, arns: readonly string[]): Promise<ContainerInstance[]>;
  /** When machine images were made; those that are gone are left out. */
  describeImages(ids: readonly string[]): Promise<Map<string, Date>>;
};

/** @throws AppError as the classification of AWS's errors has it, "limit_reached" for more pages than anybody has. */
export function ecsRequests(clients: Pick<AwsClients, "open" | "attempt">, region: string): EcsRequests {
  const client = clients.open("ecs", region, (settings) => new ECSClient(settings));
  type Options = { abortSignal: AbortSignal };
  const ask = <T>(action: EcsAction, work: (options: Options) => Promise<T>) =>
    clients.attempt(ecsPermission(action), work);

  async function pages(
    action: EcsAction,
    askPage: (
      token: { nextToken?: string },
      options: Options,
    ) => Promise<{ arns: string[] | undefined; nextToken: string | undefined }>,
  ): Promise<string[]> {
    const found: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const sent = token === undefined ? {} : { nextToken: token };
      const { arns = [], nextToken } = await ask(action, (options) => askPage(sent, options));
      for (const arn of arns) found.push(arn);
      // An empty page that has a token is normal and not the end.
      if (nextToken === undefined || nextToken === "") return found;
      token = nextToken;
    }
    throw new AppError("limit_reached", `The answer of ${action} has more than ${MAX_PAGES} pages.`);
  }

  /** What went away between the list and the description is not answered, and is no error. */
  async function batches<T>(
    action: EcsAction,
    arns: readonly string[],
    size: number,
    askBatch: (batch: string[], options: Options) => Promise<T[] | undefined>,
  ): Promise<T[]> {
    const found: T[] = [];
    for (let start = 0; start < arns.length; start += size) {
      const batch = arns.slice(start, start + size);
      for (const one of (await ask(action, (options) => askBatch(batch, options))) ?? []) found.push(one);
    }
    return found;
  }

  return {
    listClusters: () =>
      pages("ecs:ListClusters", async (token, options) => {
        const { clusterArns, nextToken } = await client.send(
          new ListClustersCommand({ ...token, maxResults: ENTRIES_AT_ONCE }),
          options,
        );
        return { arns: clusterArns, nextToken };
      }),
    describeClusters: async (arns) => {
      const found = await batches("ecs:DescribeClusters", arns, ENTRIES_AT_ONCE, async (clusters, options) => {
        const command = new DescribeClustersCommand({ clusters, include: ["TAGS"] });
        return (await client.send(command, options)).clusters;
      });
      // A cluster that was deleted is answered for a while, as inactive.
      return found.filter(({ status }) => status !== "INACTIVE");
    },
    listServices: (cluster) =>
      pages("ecs:ListServices", async (token, options) => {
        const command = new ListServicesCommand({ cluster, ...token, maxResults: ENTRIES_AT_ONCE });
        const { serviceArns, nextToken } = await client.send(command, options);
        return { arns: serviceArns, nextToken };
      }),
    describeServices: (cluster, arns) =>
      batches("ecs:DescribeServices", arns, SERVICES_AT_ONCE, async (services, options) => {
        const command = new DescribeServicesCommand({ cluster, services, include: ["TAGS"] });
        return (await client.send(command, options)).services;
      }),
    listTasks: (cluster, desiredStatus) =>
      pages("ecs:ListTasks", async (token, options) => {
        const command = new ListTasksCommand({ cluster, desiredStatus, ...token, maxResults: ENTRIES_AT_ONCE });
        const { taskArns, nextToken } = await client.send(command, options);
        return { arns: taskArns, nextToken };
      }),
    describeTasks: (cluster, arns) =>
      batches("ecs:DescribeTasks", arns, ENTRIES_AT_ONCE, async (tasks, options) => {
        const command = new DescribeTasksCommand({ cluster, tasks, include: ["TAGS"] });
        return (await client.send(command, options)).tasks;
      }),
    describeTaskDefinition: (taskDefinition) =>
      ask("ecs:DescribeTaskDefinition", async (options) => {
        try {
          return (
            (await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }), options)).taskDefinition ?? null
          );
        } catch (thrown) {
          // ECS has no other word for one that was deleted.
          if (thrown instanceof Error && thrown.name === "ClientException") return null;
          throw thrown;
        }
      }),
    listContainerInstances: (cluster) =>
      pages("ecs:ListContainerInstances", async (token, options) => {
        const command = new ListContainerInstancesCommand({ cluster, ...token, maxResults: ENTRIES_AT_ONCE });
        const { containerInstanceArns, nextToken } = await client.send(command, options);
        return { arns: containerInstanceArns, nextToken };
      }),
    describeContainerInstances: (cluster, arns) =>
      batches("ecs:DescribeContainerInstances", arns, ENTRIES_AT_ONCE, async (containerInstances, options) => {
        const command = new DescribeContainerInstancesCommand({ cluster, containerInstances });
        return (await client.send(command, options)).containerInstances;
      }),
    describeImages: (ids) => readImageDates(clients, region, ids),
  };
}
