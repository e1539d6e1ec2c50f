import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Day } from "#lib/domain/period.ts";
import type { EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { answerCall, type Surroundings } from "#demo/aws/answer-call.ts";
import { type AwsCall, createCallLog } from "#demo/aws/calls.ts";
import type { LookupRegion } from "#demo/aws/cloudtrail/lookup-events.ts";
import { createCloudTrail, type TrailKey } from "#demo/aws/cloudtrail/service.ts";
import type { OddRule } from "#demo/aws/config/operation.ts";
import { createConfig } from "#demo/aws/config/service.ts";
import { createCostExplorer } from "#demo/aws/cost-explorer/service.ts";
import { eksMachinesOf } from "#demo/aws/ec2/eks-machines.ts";
import { createEc2, type Ec2Machine } from "#demo/aws/ec2/service.ts";
import { createEcs } from "#demo/aws/ecs/service.ts";
import { createEks, eksClustersOf, type EksCluster } from "#demo/aws/eks/service.ts";
import { createFaultPlan, type Faults } from "#demo/aws/faults.ts";
import { type AwsRole, createIdentities, type Identities } from "#demo/aws/identities.ts";
import { closeServer, listen } from "#demo/aws/loopback.ts";
import { createKms, makeKmsKey, type KmsDemoKey } from "#demo/aws/kms/service.ts";
import { createLogs, type LogGroup } from "#demo/aws/logs/service.ts";
import { createOrganizations } from "#demo/aws/organizations/service.ts";
import { createPageTokens } from "#demo/aws/page-token.ts";
import { createManagedPrometheus, type PrometheusWorkspaces } from "#demo/aws/managed-prometheus.ts";
import { createRateLimit } from "#demo/aws/rate-limit.ts";
import {
  createRequestLog,
  createS3Handler,
  DEFAULT_REGION,
  DEMO_CREDENTIALS,
  type S3RequestLog,
} from "#demo/aws/s3.ts";
import { clustersOf } from "#demo/estate/clusters.ts";
import { complianceOf } from "#demo/estate/compliance.ts";
import { BOTTLEROCKET_CLUSTER } from "#demo/estate/guardrails.ts";
import type { AwsService } from "#demo/aws/service.ts";
import type { AwsCredentials } from "#demo/aws/signature.ts";
import { createSts } from "#demo/aws/sts/service.ts";

export type AwsOptions = {
  /** Folder whose sub-folders are the buckets. */
  root: string;
  estate: Estate;
  /** 0 or absent = any free one. */
  port?: number;
  /** Region of the buckets; Cost Explorer and Organizations are in us-east-1, STS in every one. */
  region?: string;
  /** Which delivery of the restated month Cost Explorer shows; the first where absent. */
  version?: () => 1 | 2;
  /** The day that it is for Cost Explorer; the estate's where absent. */
  today?: () => Day;
  /** The instant that it is for AWS Config; the clock's where absent. */
  configNow?: () => Date;
  /** Rules of AWS Config that are not as most are, by their names; absent = none. */
  oddRules?: ReadonlyMap<string, OddRule>;
  /** Permanent keys of the payer account, which may do everything. */
  credentials?: readonly AwsCredentials[];
  /** Roles to start with, beside the one of `demoRoleOf`. */
  roles?: readonly AwsRole[];
  /** Groups on a page of Cost Explorer. */
  costPageSize?: number;
  /** Whether the organisation has the net metrics. */
  net?: boolean;
  /** How long page tokens hold. */
  tokenLifetimeMs?: number;
  /** Calls that each service lets through per account and second; more are throttled. Absent = no limit. */
  callsPerSecond?: number;
  /** Clusters of ECS; absent = those of the estate. */
  ecsClusters?: readonly EcsClusterPlan[];
  /** Machines that EC2 knows besides those of ECS; absent = the nodes of the estate's clusters of EKS. */
  machines?: () => readonly Ec2Machine[];
  /** Clusters that EKS describes; absent = those of the estate, at addresses that nobody answers. */
  eksClusters?: readonly EksCluster[];
  /** Keys of KMS; absent = one of the payer account, for signing. */
  kmsKeys?: readonly KmsDemoKey[];
  /** Log groups of CloudWatch Logs; absent = there is none. */
  logGroups?: readonly LogGroup[];
  /** Public keys of CloudTrail's digests; absent = there is none. */
  trailKeys?: readonly TrailKey[];
  /** What CloudTrail's own history has, by account and region; absent = nothing. */
  trailLookups?: readonly LookupRegion[];
  /** Lookups of events that an account's region lets through a second; as AWS does where absent. */
  lookupsPerSecond?: number;
  /** What the workspaces of Amazon Managed Service for Prometheus answer with; absent = there is none. */
  prometheus?: PrometheusWorkspaces;
};

export type AwsServer = {
  port: number;
  url: string;
  /** Every call as it was answered, of all services. */
  calls: AwsCall[];
  /** The requests to S3 with their keys and ranges. */
  requests: S3RequestLog[];
  faults: Faults;
  roles: Identities["roles"];
  /** Every temporary credential that was handed out so far is expired from now on. */
  expireSessions(): void;
  /** What AWS charges for the calls so far: 0.01 USD for each answered page of Cost Explorer. */
  priceUsd(): string;
  /** Forgets the calls, and makes everything work again. */
  reset(): void;
  close(): Promise<void>;
};

/**
 * AWS documents no size for a page of GetCostAndUsage, only that each is charged. This is our assumption, and an option.
 */
export const DEFAULT_COST_PAGE_SIZE = 5_000;
/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const LOOKUPS_PER_SECOND = 2;
const DEFAULT_TOKEN_LIFETIME_MS = 60 * 60_000;
const EXTERNAL_ID = "halvern-bursar";
const MAXIMUM_BODY_BYTES = 1_000_000;

/** What the product's sources ask of AWS, as deploy/aws grants it. */
const DEMO_POLICY = [
  "ce:GetCostAndUsage",
  "cloudtrail:ListPublicKeys",
  "config:Describe*",
  "config:Get*",
  "config:Select*",
  "organizations:Describe*",
  "organizations:List*",
  "s3:GetBucketLocation",
  "s3:GetObject",
  "s3:ListBucket",
];

/** The role of the payer account that the demo's own configuration assumes. */
export function demoRoleOf(estate: Estate): AwsRole & { externalId: string } {
  return {
    arn: `arn:aws:iam::${estate.awsOrganization.managementAccountId}:role/bursar-reader`,
    policy: DEMO_POLICY,
    externalId: EXTERNAL_ID,
  };
}

/** The role of the account of a cluster whose nodes' images are asked of EC2. */
export function demoImageRoleOf(estate: Estate): AwsRole & { externalId: string } {
  const cluster = clustersOf(estate).find(({ name }) => name === BOTTLEROCKET_CLUSTER);
  return {
    arn: `arn:aws:iam::${cluster?.account.id}:role/bursar-read-images`,
    policy: ["ec2:DescribeImages", "ec2:DescribeInstances"],
    externalId: EXTERNAL_ID,
  };
}

/** The role that adds to the bucket with heads of the trail, as deploy/aws has it: it deletes nothing. */
export function demoHeadsRoleOf(estate: Estate): AwsRole & { externalId: string } {
  return {
    arn: `arn:aws:iam::${estate.awsOrganization.managementAccountId}:role/bursar-keep-heads`,
    policy: ["s3:GetObjectVersion", "s3:ListBucketVersions", "s3:PutObject", "s3:PutObjectRetention"],
    externalId: EXTERNAL_ID,
  };
}

/** The role of each account with clusters of ECS that the demo's own configuration assumes. */
export function demoEcsRolesOf({ ecsClusters }: Estate): (AwsRole & { externalId: string })[] {
  const accounts = [...new Set(ecsClusters.map(({ account }) => account.id))];
  return accounts.map((id) => ({
    arn: `arn:aws:iam::${id}:role/bursar-read-ecs`,
    policy: ["ec2:DescribeImages", "ecs:Describe*", "ecs:List*"],
    externalId: EXTERNAL_ID,
  }));
}

/**
 * One server that speaks S3, Cost Explorer, Organizations, Config, KMS and STS as AWS does, out of one estate. Signatures, permissions
 * and requests are checked for real. Loopback only.
 */
export async function startAws(options: AwsOptions): Promise<AwsServer> {
  const { estate } = options;
  const now = () => new Date();
  const plan = createFaultPlan();
  const log = createCallLog();
  const requests = createRequestLog();
  const region = options.region ?? DEFAULT_REGION;
  const identities = createIdentities({
    account: estate.awsOrganization.managementAccountId,
    credentials: options.credentials ?? [DEMO_CREDENTIALS],
    roles: [
      demoRoleOf(estate),
      demoHeadsRoleOf(estate),
      demoImageRoleOf(estate),
      ...demoEcsRolesOf(estate),
      ...(options.roles ?? []),
    ],
    now,
  });
  const rateLimit = options.callsPerSecond === undefined ? null : createRateLimit(options.callsPerSecond);
  const services = servicesOf(options, identities, now);
  const answerS3 = createS3Handler({
    root: options.root,
    region,
    identities,
    plan,
    take: (operation, path) => {
      const fault = plan.take({ service: "s3", operation, path });
      return { ...fault, throttled: fault.throttled || rateLimit?.admit("s3") === false };
    },
    log: (entry) => {
      requests.add(entry);
      const { operation, account, status, errorCode } = entry;
      log.add({ service: "s3", operation, account, region, status, errorCode, at: now() });
    },
  });
  const around: Surroundings = { identities, plan, rateLimit, log, now };
  const server = createServer((request, response) => {
    void route(request, response, services, around, answerS3).catch(() => response.destroy());
  });
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    calls: log.calls,
    requests: requests.entries,
    faults: plan.faults,
    roles: identities.roles,
    expireSessions: identities.expireSessions,
    priceUsd: log.priceUsd,
    reset: () => {
      log.reset();
      requests.entries.length = 0;
      plan.faults.clear();
    },
    close: () => closeServer(server),
  };
}

/** Every service but S3. A further one is a folder with a table of operations, and a line here. */
function servicesOf(options: AwsOptions, identities: Identities, now: () => Date): AwsService[] {
  const { estate } = options;
  const tokens = createPageTokens(options.tokenLifetimeMs ?? DEFAULT_TOKEN_LIFETIME_MS, now);
  return [
    createCostExplorer({
      estate,
      tokens,
      today: options.today ?? (() => estate.calendar.today),
      version: options.version ?? (() => 1),
      pageSize: options.costPageSize ?? DEFAULT_COST_PAGE_SIZE,
      hasNet: options.net ?? false,
    }),
    createConfig({
      accounts: () => complianceOf(estate),
      aggregatorAccount: estate.awsOrganization.managementAccountId,
      tokens,
      now: options.configNow ?? now,
      oddRules: options.oddRules ?? new Map(),
    }),
    createOrganizations(estate.awsOrganization, tokens),
    createEcs(options.ecsClusters ?? estate.ecsClusters, tokens),
    createEc2(options.ecsClusters ?? estate.ecsClusters, options.machines ?? (() => eksMachinesOf(estate)), tokens),
    createEks(options.eksClusters ?? eksClustersOf(estate)),
    createKms(options.kmsKeys ?? [makeKmsKey(estate.awsOrganization.managementAccountId, "eu-central-1")]),
    createLogs(options.logGroups ?? [], tokens),
    createCloudTrail({
      keys: options.trailKeys ?? [],
      lookups: options.trailLookups ?? [],
      lookupsPerSecond: options.lookupsPerSecond ?? LOOKUPS_PER_SECOND,
      tokens,
      now,
    }),
    ...(options.prometheus === undefined ? [] : [createManagedPrometheus(options.prometheus)]),
    createSts(identities, now),
  ];
}

/**
 * A service whose paths name its operations is told from S3 by the scope of the signature, as on Amazon's side by the host; a JSON
 * service is named by X-Amz-Target, a query service by the version in its form; the rest is S3.
 */
async function route(
  request: IncomingMessage,
  response: ServerResponse,
  services: readonly AwsService[],
  around: Surroundings,
  answerS3: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<void> {
  const scoped = scopeOf(request);
  const byPath = services.find(({ protocol, name }) => protocol === "rest-json" && name === scoped);
  if (byPath) return answerCall(request, response, byPath, await readBody(request), around);
  const target = request.headers["x-amz-target"];
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (target === undefined && !isForm) return answerS3(request, response);
  const body = await readBody(request);
  const address =
    typeof target === "string" ? target.split(".")[0] : new URLSearchParams(body.toString()).get("Version");
  const service = services.find((candidate) => candidate.target === address);
  if (!service) return void response.writeHead(404, { "content-length": 0 }).end();
  await answerCall(request, response, service, body, around);
}

/** Signing name of the service that the request is signed for. */
function scopeOf(request: IncomingMessage): string | null {
  return (
    /Credential=[^/,]+\/\d{8}\/[^/,]+\/([^/,]+)\/aws4_request/.exec(request.headers.authorization ?? "")?.[1] ?? null
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAXIMUM_BODY_BYTES) throw new RangeError("The request body is too large.");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
