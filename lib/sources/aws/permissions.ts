/** One IAM action that a source calls. */
export type AwsPermission = {
  /** "ce:GetCostAndUsage". */
  action: string;
  /** What is not known without it. */
  why: string;
  resource: string;
  /** Without an optional one the source reads on and says what it does not know. */
  isOptional: boolean;
};

/** Everything that the source `aws-cost-explorer` calls, sts:AssumeRole on the role itself aside. */
export const COST_EXPLORER_PERMISSIONS: readonly AwsPermission[] = [
  mandatory("ce:GetCostAndUsage", "the cost itself"),
  mandatory("organizations:DescribeOrganization", "which account pays, unless billingAccountId says so"),
];

/** Everything that the source `aws-organizations` calls, sts:AssumeRole on the role itself aside. */
export const ORGANIZATIONS_PERMISSIONS: readonly AwsPermission[] = [
  mandatory("organizations:DescribeOrganization", "the organisation and its management account"),
  mandatory("organizations:ListRoots", "where the tree of organisational units starts"),
  mandatory("organizations:ListOrganizationalUnitsForParent", "the organisational units"),
  mandatory("organizations:ListAccounts", "the accounts"),
  mandatory("organizations:ListAccountsForParent", "which unit each account is in"),
  optional("organizations:ListTagsForResource", "tags of accounts and units, and with them who owns them"),
  optional("organizations:ListDelegatedAdministrators", "which accounts administer services for the organisation"),
  optional("organizations:ListDelegatedServicesForAccount", "which services those accounts administer"),
];

/** What a cluster of EKS needs whose address is not in the settings, sts:AssumeRole on the role itself aside. */
export const EKS_PERMISSIONS = [mandatory("eks:DescribeCluster", "the address of the cluster")] as const;

/** What reading the use of namespaces from Amazon Managed Service for Prometheus calls. */
export const MANAGED_PROMETHEUS_PERMISSIONS = [
  mandatory("aps:QueryMetrics", "what namespaces ask for and use"),
] as const;

/** What reading the audit logs of a cluster of EKS calls, sts:AssumeRole on the role itself aside. */
export const EKS_LOG_PERMISSIONS = [
  mandatory("logs:FilterLogEvents", "the audit logs of the cluster's API servers"),
] as const;

/** What the source `aws-cloudtrail` calls, sts:AssumeRole on the role itself aside. */
export const CLOUDTRAIL_PERMISSIONS = {
  list: mandatory("s3:ListBucket", "which log files and digests the trail has written"),
  get: mandatory("s3:GetObject", "the log files and digests"),
  keys: mandatory("cloudtrail:ListPublicKeys", "the keys that digests are signed with"),
} as const;

/** What the source `aws-cloudtrail` calls where it has no bucket, sts:AssumeRole on the role itself aside. */
export const CLOUDTRAIL_LOOKUP_PERMISSIONS = [
  mandatory("cloudtrail:LookupEvents", "the management events of an account's region"),
] as const;

/** What a source calls that reads reports from a bucket, sts:AssumeRole on the role itself aside. */
export const REPORT_BUCKET_PERMISSIONS = {
  list: mandatory("s3:ListBucket", "which reports there are"),
  get: mandatory("s3:GetObject", "the reports"),
} as const;

/** What asking EC2 for the images of a cluster's nodes calls, sts:AssumeRole on the role itself aside. */
export const MACHINE_IMAGE_PERMISSIONS = {
  instances: optional("ec2:DescribeInstances", "which images nodes were made from"),
  images: optional("ec2:DescribeImages", "when the images of machines were made"),
} as const;

/** Everything that the source `aws-ecs` calls, sts:AssumeRole on the role itself aside. */
export const ECS_PERMISSIONS = [
  mandatory("ecs:ListClusters", "the clusters"),
  mandatory("ecs:DescribeClusters", "tags of clusters"),
  mandatory("ecs:ListServices", "the services of a cluster"),
  mandatory("ecs:DescribeServices", "what services are, and their tags"),
  mandatory("ecs:ListTasks", "the tasks of a cluster"),
  mandatory("ecs:DescribeTasks", "sizes and times of tasks"),
  mandatory("ecs:DescribeTaskDefinition", "images, and the sizes that tasks do not have themselves"),
  mandatory("ecs:ListContainerInstances", "the machines of a cluster"),
  mandatory("ecs:DescribeContainerInstances", "sizes and ids of machines"),
  MACHINE_IMAGE_PERMISSIONS.images,
] as const;

/** What signing with a key of KMS calls, sts:AssumeRole on the role itself aside. */
export const KMS_PERMISSIONS = {
  publicKey: mandatory("kms:GetPublicKey", "the public key that bundles are checked with"),
  sign: mandatory("kms:Sign", "the signature"),
} as const;

/** What writing heads of the trail to a bucket calls, and reading them again, sts:AssumeRole on the role itself aside. */
export const HEADS_BUCKET_PERMISSIONS = {
  put: mandatory("s3:PutObject", "heads outside of the database"),
  lock: mandatory("s3:PutObjectRetention", "the lock of each head"),
  list: mandatory("s3:ListBucketVersions", "the list of heads with all of their versions"),
  get: mandatory("s3:GetObjectVersion", "reading heads again"),
} as const;

/** What the source `aws-config` calls in the account of its aggregator, sts:AssumeRole on the role itself aside. */
export const CONFIG_AGGREGATOR_PERMISSIONS = [
  mandatory("config:DescribeConfigurationAggregators", "the aggregator and the accounts that it was told to collect"),
  mandatory(
    "config:DescribeConfigurationAggregatorSourcesStatus",
    "which accounts the aggregator collects, and how lately",
  ),
  mandatory("config:DescribeAggregateComplianceByConfigRules", "which rules each account has"),
  mandatory("config:GetAggregateComplianceDetailsByConfigRule", "what the rules say of each resource"),
  optional("config:DescribeConfigRules", "which managed rule of AWS each rule is"),
  optional("config:SelectAggregateResourceConfig", "names of resources"),
] as const;

/** What the source `aws-config` calls in each account that it reads by itself, sts:AssumeRole on the role itself aside. */
export const CONFIG_PERMISSIONS = [
  mandatory("config:DescribeConfigRules", "the rules of the account"),
  mandatory("config:GetComplianceDetailsByConfigRule", "what the rules say of each resource"),
  optional("config:DescribeConfigRuleEvaluationStatus", "whether a rule without results has been evaluated"),
  optional("config:DescribeConformancePacks", "the conformance packs"),
  optional("config:DescribeConformancePackStatus", "whether a conformance pack stands"),
  optional("config:DescribeConformancePackCompliance", "which rules a conformance pack brought"),
  optional("config:GetConformancePackComplianceDetails", "what a conformance pack says of each resource at once"),
  optional("config:SelectResourceConfig", "names of resources"),
] as const;

/** The line to add to a policy for one permission: a statement as JSON. */
export function statementOf({ action, resource }: AwsPermission): string {
  return JSON.stringify({ Effect: "Allow", Action: action, Resource: resource });
}

// None of these actions can be limited to single resources in a way that a reader of the whole organisation could use.
function mandatory<Action extends string>(action: Action, why: string): AwsPermission & { action: Action } {
  return { action, why, resource: "*", isOptional: false };
}

function optional<Action extends string>(action: Action, why: string): AwsPermission & { action: Action } {
  return { ...mandatory(action, why), isOptional: true };
}
