import * as sdk from "@aws-sdk/client-ecs";
import type { OperationSchema } from "#demo/aws/model.ts";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type AwsOperation, type AwsService, operation, type OperationCall } from "#demo/aws/service.ts";
import { machineView, serviceView, taskDefinitionView, taskView } from "#demo/aws/ecs/views.ts";
import type { EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";

const SERVICES_AT_ONCE = 10;
const ENTRIES_AT_ONCE = 100;
const SMALL_PAGE = 10;

type Listed = { cluster?: string | undefined; nextToken?: string | undefined; maxResults?: number | undefined };

/** Elastic Container Service, read only: clusters, services, tasks, their definitions and machines of the caller's account and region. */
export function createEcs(clusters: readonly EcsClusterPlan[], tokens: PageTokens): AwsService {
  const own = ({ caller, region }: OperationCall) =>
    clusters.filter(({ account, region: at }) => account.id === caller.account && at === region);
  const named = (name: string | undefined, call: OperationCall): EcsClusterPlan => {
    const found = own(call).find((cluster) => [cluster.name, cluster.arn].includes(name ?? "default"));
    if (!found) throw new AwsFailure("ClusterNotFoundException", "Cluster not found.");
    return found;
  };
  const page = (request: Listed, arns: readonly string[], call: OperationCall, defaultSize: number) =>
    pageOf(tokens, request, arns, call, defaultSize);

  return {
    name: "ecs",
    protocol: "json",
    target: "AmazonEC2ContainerServiceV20141113",
    regions: null,
    throttling: { code: "ThrottlingException", message: "Rate exceeded" },
    failures: { ServerException: "Service Unavailable. Please try again later." },
    operations: {
      ListClusters: read<sdk.ListClustersRequest, sdk.ListClustersResponse>(sdk.ListClusters$, (request, call) => {
        const { arns, more } = page(
          request,
          own(call).map(({ arn }) => arn),
          call,
          ENTRIES_AT_ONCE,
        );
        return { clusterArns: arns, ...more };
      }),
      DescribeClusters: read<sdk.DescribeClustersRequest, sdk.DescribeClustersResponse>(
        sdk.DescribeClusters$,
        ({ clusters: asked = ["default"], include = [] }, call) => {
          refuseMore("Clusters", asked, ENTRIES_AT_ONCE);
          const found = asked.flatMap((name) => own(call).filter((one) => [one.name, one.arn].includes(name)));
          return {
            clusters: found.map((cluster) => ({
              clusterArn: cluster.arn,
              clusterName: cluster.name,
              status: "ACTIVE",
              activeServicesCount: cluster.services.length,
              registeredContainerInstancesCount: cluster.machines.length,
              tags: include.includes("TAGS")
                ? Object.entries(cluster.tags).map(([key, value]) => ({ key, value }))
                : [],
            })),
            failures: missing(
              asked,
              found.flatMap(({ name, arn }) => [name, arn]),
            ),
          };
        },
      ),
      ...serviceOperations(named, page),
      ...taskOperations(named, page, own),
      ...machineOperations(named, page),
    },
  };
}

type Named = (name: string | undefined, call: OperationCall) => EcsClusterPlan;
type Pager = (
  request: Listed,
  arns: readonly string[],
  call: OperationCall,
  defaultSize: number,
) => { arns: string[]; more: { nextToken?: string } };

function serviceOperations(named: Named, page: Pager): Record<string, AwsOperation> {
  return {
    ListServices: read<sdk.ListServicesRequest, sdk.ListServicesResponse>(sdk.ListServices$, (request, call) => {
      const { services } = named(request.cluster, call);
      const { arns, more } = page(
        request,
        services.map(({ arn }) => arn),
        call,
        SMALL_PAGE,
      );
      return { serviceArns: arns, ...more };
    }),
    DescribeServices: read<sdk.DescribeServicesRequest, sdk.DescribeServicesResponse>(
      sdk.DescribeServices$,
      ({ cluster: name, services: asked = [], include = [] }, call) => {
        refuseMore("Services", asked, SERVICES_AT_ONCE);
        const cluster = named(name, call);
        const found = cluster.services.filter((one) => asked.includes(one.arn) || asked.includes(one.name));
        return {
          services: found.map((service) => serviceView(cluster, service, include.includes("TAGS"))),
          failures: missing(
            asked,
            found.flatMap(({ name: own, arn }) => [own, arn]),
          ),
        };
      },
    ),
  };
}

function taskOperations(
  named: Named,
  page: Pager,
  own: (call: OperationCall) => EcsClusterPlan[],
): Record<string, AwsOperation> {
  const tasksOf = (cluster: EcsClusterPlan) =>
    [...cluster.services, ...cluster.alone].flatMap((service) => service.tasks.map((task) => ({ service, task })));
  return {
    ListTasks: read<sdk.ListTasksRequest, sdk.ListTasksResponse>(sdk.ListTasks$, (request, call) => {
      const wanted = tasksOf(named(request.cluster, call)).filter(
        ({ task }) => (task.stopped !== null) === (request.desiredStatus === "STOPPED"),
      );
      const { arns, more } = page(
        request,
        wanted.map(({ task }) => task.arn),
        call,
        ENTRIES_AT_ONCE,
      );
      return { taskArns: arns, ...more };
    }),
    DescribeTasks: read<sdk.DescribeTasksRequest, sdk.DescribeTasksResponse>(
      sdk.DescribeTasks$,
      ({ cluster: name, tasks: asked = [], include = [] }, call) => {
        refuseMore("Tasks", asked, ENTRIES_AT_ONCE);
        const cluster = named(name, call);
        const found = tasksOf(cluster).filter(({ task }) => asked.includes(task.arn) || asked.includes(task.id));
        return {
          tasks: found.map(({ service, task }) => taskView(cluster, service, task, include.includes("TAGS"))),
          failures: missing(
            asked,
            found.flatMap(({ task }) => [task.arn, task.id]),
          ),
        };
      },
    ),
    DescribeTaskDefinition: read<sdk.DescribeTaskDefinitionRequest, sdk.DescribeTaskDefinitionResponse>(
      sdk.DescribeTaskDefinition$,
      ({ taskDefinition = "" }, call) => {
        for (const cluster of own(call))
          for (const service of [...cluster.services, ...cluster.alone]) {
            const view = taskDefinitionView(cluster, service);
            if (view.taskDefinitionArn === taskDefinition) return { taskDefinition: view, tags: [] };
          }
        throw new AwsFailure("ClientException", "Unable to describe task definition.");
      },
    ),
  };
}

function machineOperations(named: Named, page: Pager): Record<string, AwsOperation> {
  return {
    ListContainerInstances: read<sdk.ListContainerInstancesRequest, sdk.ListContainerInstancesResponse>(
      sdk.ListContainerInstances$,
      (request, call) => {
        const cluster = named(request.cluster, call);
        const all = cluster.machines.flatMap((machine) => machineView(cluster, machine).containerInstanceArn ?? []);
        const { arns, more } = page(request, all, call, ENTRIES_AT_ONCE);
        return { containerInstanceArns: arns, ...more };
      },
    ),
    DescribeContainerInstances: read<sdk.DescribeContainerInstancesRequest, sdk.DescribeContainerInstancesResponse>(
      sdk.DescribeContainerInstances$,
      ({ cluster: name, containerInstances: asked = [] }, call) => {
        refuseMore("ContainerInstances", asked, ENTRIES_AT_ONCE);
        const cluster = named(name, call);
        const found = cluster.machines
          .map((machine) => machineView(cluster, machine))
          .filter(({ containerInstanceArn = "" }) => asked.includes(containerInstanceArn));
        return {
          containerInstances: found,
          failures: missing(
            asked,
            found.flatMap(({ containerInstanceArn }) => containerInstanceArn ?? []),
          ),
        };
      },
    ),
  };
}

function pageOf(
  tokens: PageTokens,
  request: Listed,
  arns: readonly string[],
  call: OperationCall,
  defaultSize: number,
): { arns: string[]; more: { nextToken?: string } } {
  const { nextToken, maxResults = defaultSize } = request;
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > ENTRIES_AT_ONCE)
    throw invalid("maxResults must be between 1 and 100.");
  const place = nextToken === undefined ? { page: 1, at: [0] } : tokens.read(request, nextToken);
  if (typeof place === "string" || (place.page > 1 && call.spend({ kind: "expired-token", page: place.page })))
    throw invalid("Invalid token.");
  const [start = 0] = place.at;
  const token = (at: number) => ({ nextToken: tokens.issue(request, { page: place.page + 1, at: [at] }) });
  if (call.spend({ kind: "empty-page" })) return { arns: [], more: token(start) };
  const end = Math.min(start + maxResults, arns.length);
  return { arns: arns.slice(start, end), more: end < arns.length ? token(end) : {} };
}

/** An operation whose IAM action has its own name. */
function read<Input, Output extends object>(
  schema: OperationSchema,
  answer: (input: Input, call: OperationCall) => Output,
): AwsOperation {
  return operation<Input, Output>({ schema, action: `ecs:${schema[2]}`, answer });
}

function refuseMore(what: string, asked: readonly string[], most: number): void {
  if (asked.length === 0) throw invalid(`${what} cannot be empty.`);
  if (asked.length > most) throw invalid(`${what} cannot have more than ${most} elements.`);
}

function missing(asked: readonly string[], found: readonly string[]): sdk.Failure[] {
  return asked.filter((one) => !found.includes(one)).map((arn) => ({ arn, reason: "MISSING" }));
}

function invalid(message: string): AwsFailure {
  return new AwsFailure("InvalidParameterException", message);
}
