import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Sku } from "#demo/estate/cluster-skus.ts";
import { uuidOf } from "#demo/estate/random.ts";

export type EcsTask = {
  id: string;
  arn: string;
  /** ISO instants. */
  started: string;
  stopped: string | null;
  /** EC2 id of its machine; null on Fargate. */
  machine: string | null;
};

export type EcsServicePlan = {
  name: string;
  arn: string;
  created: string;
  tags: Record<string, string>;
  /** Of its task definition; they are propagated to its tasks. */
  taskTags: Record<string, string>;
  image: string;
  /** Units of which a core has 1,024, and MiB. */
  cpu: number;
  memory: number;
  /** False where only the containers have sizes, which Fargate does not allow. */
  isSizedAsTask: boolean;
  tasks: EcsTask[];
};

export type EcsClusterPlan = {
  name: string;
  arn: string;
  account: CloudAccount;
  region: string;
  launchType: "FARGATE" | "EC2";
  tags: Record<string, string>;
  services: EcsServicePlan[];
  /** Tasks that somebody started alone, by their family. */
  alone: EcsServicePlan[];
  machines: EcsMachine[];
};

export type EcsMachine = {
  id: string;
  zone: string;
  instanceType: string;
  cpu: number;
  memory: number;
  /** What it was made from, and when that was made (ISO instant). */
  image: { id: string; createdAt: string };
};

const ACCOUNT = "motor-claims-prod";
const REGION = "eu-central-1";
const ZONES = ["a", "b", "c"] as const;
const DAY_MS = 86_400_000;

/** Team as services name it, cores in units, MiB, tasks. */
type Plan = {
  name: string;
  team: string | null;
  tagged: "service" | "task";
  cpu: number;
  memory: number;
  tasks: number;
};

const FARGATE: readonly Plan[] = [
  { name: "first-notice-api", team: "motor-claims", tagged: "service", cpu: 1024, memory: 2048, tasks: 4 },
  { name: "photo-upload", team: "motor-claims", tagged: "service", cpu: 512, memory: 1024, tasks: 3 },
  { name: "garage-portal", team: "quote-engine", tagged: "task", cpu: 512, memory: 2048, tasks: 2 },
  { name: "recovery-notices", team: null, tagged: "service", cpu: 256, memory: 512, tasks: 0 },
];
const ON_MACHINES: readonly Plan[] = [
  { name: "settlement-runs", team: null, tagged: "service", cpu: 1024, memory: 3072, tasks: 3 },
  { name: "document-render", team: null, tagged: "service", cpu: 512, memory: 1024, tasks: 4 },
];
/** The first machine was replaced lately, the others run on the image that they began with. */
const IMAGE_AGE_DAYS = [12, 95] as const;
const MACHINE = { instanceType: "m6i.2xlarge", cpu: 8192, memory: 31_744, count: 2 };

/** Two clusters of ECS in one account: one on Fargate that is tagged, one on machines of which no tag tells anything. */
export function ecsClustersOf(accounts: readonly CloudAccount[], today: string): EcsClusterPlan[] {
  const account = accounts.find(({ name }) => name === ACCOUNT);
  if (!account) throw new RangeError(`There is no account ${ACCOUNT}.`);
  const base = { account, region: REGION };
  const make = (name: string, launchType: EcsClusterPlan["launchType"], plans: readonly Plan[]): EcsClusterPlan => {
    const machines = launchType === "FARGATE" ? [] : machinesOf(name, today);
    const service = (plan: Plan) => serviceOf(plan, { cluster: name, account, today, machines, launchType });
    return {
      ...base,
      name,
      arn: arnOf(account, `cluster/${name}`),
      launchType,
      tags: launchType === "FARGATE" ? { "cost-center": "4711" } : {},
      services: plans.map(service),
      alone: [],
      machines,
    };
  };
  return [make("claims-intake", "FARGATE", FARGATE), make("claims-batch", "EC2", ON_MACHINES)];
}

function machinesOf(cluster: string, today: string): EcsMachine[] {
  const { count, ...size } = MACHINE;
  const images = IMAGE_AGE_DAYS.map((days) => ({
    id: `ami-0${uuidOf("ecs image", String(days)).replaceAll("-", "").slice(0, 16)}`,
    createdAt: new Date(Date.parse(`${today}T06:30:00Z`) - days * DAY_MS).toISOString(),
  }));
  return Array.from({ length: count }, (_, index) => ({
    ...size,
    image: images[Math.min(index, images.length - 1)] ?? { id: "", createdAt: "" },
    id: `i-0${uuidOf("ecs machine", cluster, String(index)).replaceAll("-", "").slice(0, 16)}`,
    zone: `${REGION}${ZONES[index % ZONES.length] ?? "a"}`,
  }));
}

function serviceOf(
  { name, team, tagged, cpu, memory, tasks }: Plan,
  around: Pick<EcsClusterPlan, "account" | "machines" | "launchType"> & { cluster: string; today: string },
): EcsServicePlan {
  const { cluster, account, machines, launchType, today } = around;
  const midnight = Date.parse(`${today}T00:00:00Z`);
  const instant = (daysAgo: number, minutes: number) =>
    new Date(midnight - daysAgo * DAY_MS + minutes * 60_000).toISOString();
  const owner: Record<string, string> = team === null ? {} : { team };
  return {
    name,
    arn: arnOf(account, `service/${cluster}/${name}`),
    created: instant(200 + name.length, 9 * 60),
    tags: tagged === "service" ? owner : {},
    taskTags: tagged === "task" ? owner : {},
    image: `${account.id}.dkr.ecr.${REGION}.amazonaws.com/${name}:2026.11.${name.length}`,
    cpu,
    memory,
    isSizedAsTask: launchType === "FARGATE",
    tasks: Array.from({ length: tasks }, (_, index) => {
      const id = uuidOf("ecs task", cluster, name, String(index)).replaceAll("-", "");
      return {
        id,
        arn: arnOf(account, `task/${cluster}/${id}`),
        started: instant(6 + index, 7 * 60 + index * 11),
        stopped: null,
        machine: machines[index % Math.max(1, machines.length)]?.id ?? null,
      };
    }),
  };
}

function arnOf(account: CloudAccount, resource: string): string {
  return `arn:aws:ecs:${REGION}:${account.id}:${resource}`;
}

/** Fargate bills a task's cores and memory apart. */
export const FARGATE_SKUS: Record<"cpu" | "memory", Sku> = {
  cpu: fargate("ecs-fargate-vcpu", "Fargate-vCPU-Hours:perCPU", "vCPU-Hours", 46_560),
  memory: fargate("ecs-fargate-gb", "Fargate-GB-Hours", "GB-Hours", 5_110),
};

function fargate(code: string, meter: string, unit: string, priceMicros: number): Sku {
  return {
    code,
    name: "Amazon Elastic Container Service",
    category: "Compute",
    subcategory: "Containers",
    meter,
    unit,
    priceMicros,
    resourceType: "Task",
  };
}
