import type { Day } from "#lib/domain/period.ts";
import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import { digitsOf } from "#demo/estate/random.ts";

/** Who gets a rule: every account, all but sandboxes, or production and shared accounts. */
type Reach = "all" | "workloads" | "production";

/** One rule of the insurer: a managed rule of AWS, or one of its own. */
export type PlannedRule = {
  /** Identifier of the managed rule; the bare name of one of its own. */
  identifier: string;
  isManaged: boolean;
  resourceType: string;
  reach: Reach;
  /** Of five hundred resources so many begin to fail within a quarter. */
  failing: number;
  /** What a failure says. */
  annotation: string | null;
  /** First day of the rule; null = it was always there. */
  from: Day | null;
};

const ACCOUNT = "AWS::::Account";
const S3 = "AWS::S3::Bucket";
const VOLUME = "AWS::EC2::Volume";
const INSTANCE = "AWS::EC2::Instance";
const GROUP = "AWS::EC2::SecurityGroup";
const DATABASE = "AWS::RDS::DBInstance";
const USER = "AWS::IAM::User";
const KEY = "AWS::KMS::Key";
const BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const CLUSTER = "AWS::EKS::Cluster";

type Row = readonly [identifier: string, resourceType: string, reach: Reach, failing: number, annotation?: string];

const MANAGED: readonly Row[] = [
  ["S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED", S3, "all", 10],
  ["S3_BUCKET_PUBLIC_READ_PROHIBITED", S3, "all", 12, "The bucket policy allows public read access."],
  ["S3_BUCKET_PUBLIC_WRITE_PROHIBITED", S3, "all", 4, "The bucket policy allows public write access."],
  ["S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", S3, "workloads", 15],
  ["S3_BUCKET_SSL_REQUESTS_ONLY", S3, "workloads", 60, "The bucket policy does not refuse requests without TLS."],
  ["S3_BUCKET_LOGGING_ENABLED", S3, "production", 90],
  ["S3_BUCKET_VERSIONING_ENABLED", S3, "production", 50],
  ["ENCRYPTED_VOLUMES", VOLUME, "all", 25],
  ["EBS_IN_BACKUP_PLAN", VOLUME, "production", 70],
  ["EC2_VOLUME_INUSE_CHECK", VOLUME, "workloads", 60, "The volume is attached to no instance."],
  ["EC2_IMDSV2_CHECK", INSTANCE, "all", 110, "The instance takes requests of version 1 of its metadata service."],
  ["EC2_INSTANCE_NO_PUBLIC_IP", INSTANCE, "workloads", 20],
  ["EC2_INSTANCE_MANAGED_BY_SSM", INSTANCE, "workloads", 55],
  ["EC2_INSTANCE_PROFILE_ATTACHED", INSTANCE, "production", 30],
  ["INCOMING_SSH_DISABLED", GROUP, "all", 25, "Port 22 is open to 0.0.0.0/0."],
  ["VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS", GROUP, "production", 35],
  ["VPC_FLOW_LOGS_ENABLED", "AWS::EC2::VPC", "workloads", 30],
  ["RDS_STORAGE_ENCRYPTED", DATABASE, "all", 12],
  ["RDS_INSTANCE_PUBLIC_ACCESS_CHECK", DATABASE, "all", 10],
  ["RDS_MULTI_AZ_SUPPORT", DATABASE, "production", 45],
  ["DB_INSTANCE_BACKUP_ENABLED", DATABASE, "workloads", 25],
  ["RDS_LOGGING_ENABLED", DATABASE, "production", 60],
  ["RDS_IN_BACKUP_PLAN", DATABASE, "production", 40],
  ["RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED", DATABASE, "workloads", 35],
  ["IAM_USER_MFA_ENABLED", USER, "all", 45, "No MFA device is registered."],
  ["ACCESS_KEYS_ROTATED", USER, "all", 120, "An active access key is older than 90 days."],
  ["IAM_USER_UNUSED_CREDENTIALS_CHECK", USER, "workloads", 80, "Credentials were not used for 90 days."],
  ["IAM_USER_NO_POLICIES_CHECK", USER, "workloads", 40],
  ["IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", "AWS::IAM::Policy", "all", 20],
  ["CMK_BACKING_KEY_ROTATION_ENABLED", KEY, "workloads", 35],
  ["KMS_CMK_NOT_SCHEDULED_FOR_DELETION", KEY, "production", 8],
  ["EFS_ENCRYPTED_CHECK", "AWS::EFS::FileSystem", "workloads", 20],
  ["ELB_LOGGING_ENABLED", BALANCER, "production", 55],
  ["ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK", BALANCER, "workloads", 40],
  ["SECRETSMANAGER_ROTATION_ENABLED_CHECK", "AWS::SecretsManager::Secret", "production", 75],
  ["EKS_SECRETS_ENCRYPTED", CLUSTER, "workloads", 20],
  ["EKS_ENDPOINT_NO_PUBLIC_ACCESS", CLUSTER, "workloads", 30],
  ["MULTI_REGION_CLOUD_TRAIL_ENABLED", ACCOUNT, "all", 6],
  ["IAM_ROOT_ACCESS_KEY_CHECK", ACCOUNT, "all", 5],
  ["ROOT_ACCOUNT_MFA_ENABLED", ACCOUNT, "all", 12],
  ["IAM_PASSWORD_POLICY", ACCOUNT, "all", 20],
  ["GUARDDUTY_ENABLED_CENTRALIZED", ACCOUNT, "all", 10],
  ["SECURITYHUB_ENABLED", ACCOUNT, "workloads", 15],
  ["EC2_EBS_ENCRYPTION_BY_DEFAULT", ACCOUNT, "all", 20],
];

/** Managed rules that Control Tower turned on as well, so that two rules of one account speak of the same. */
const CONTROL_TOWER = [
  "ENCRYPTED_VOLUMES",
  "INCOMING_SSH_DISABLED",
  "ROOT_ACCOUNT_MFA_ENABLED",
  "S3_BUCKET_PUBLIC_READ_PROHIBITED",
];

export const COMPLIANCE_PLANTS = {
  /** Has no recorder and no rule. */
  withoutConfig: "brightcover-legacy",
  /** Took its authorisation for the aggregator back at the beginning of the last month that is over. */
  refusing: "backup-vault",
  /** Is there from the middle of the history on. */
  lateRule: "EC2_IMDSV2_CHECK",
  /** The insurer's own rule, by a function. */
  ownRule: "halvern-bucket-has-owner",
  /** A pack of every production account, and one that is being deleted in each. */
  pack: "halvern-production",
  endingPack: "halvern-production-2024",
} as const;

export function plannedRules({ periods }: Pick<Calendar, "periods">): PlannedRule[] {
  const late = `${periods[Math.floor(periods.length / 2)] ?? ""}-10` as Day;
  const managed = MANAGED.map(([identifier, resourceType, reach, failing, annotation]): PlannedRule => ({
    identifier,
    isManaged: true,
    resourceType,
    reach,
    failing,
    annotation: annotation ?? null,
    from: identifier === COMPLIANCE_PLANTS.lateRule ? late : null,
  }));
  const own: PlannedRule = {
    identifier: COMPLIANCE_PLANTS.ownRule,
    isManaged: false,
    resourceType: S3,
    reach: "production",
    failing: 100,
    annotation: "The bucket has no tag that names an owner.",
    from: null,
  };
  return [...managed, own];
}

/** A rule as it stands in one account, under the name that whoever deployed it gave it there. */
export type DeployedName = { name: string; rule: PlannedRule; createdBy: string | null; pack: string | null };

/** The rules of one account: those of the organisation, of the pack of production accounts, and of Control Tower. */
export function deployedRules(account: CloudAccount, rules: readonly PlannedRule[]): DeployedName[] {
  return rules
    .filter(({ reach }) => reaches(reach, account))
    .flatMap((rule): DeployedName[] => {
      const bare = rule.isManaged ? rule.identifier.toLowerCase().replaceAll("_", "-") : rule.identifier;
      const suffix = (by: string) => digitsOf(9, by, account.id);
      const inPack = rule.reach === "production";
      const first: DeployedName = inPack
        ? {
            name: `${bare}-conformance-pack-${suffix("pack")}`,
            rule,
            createdBy: "config-conforms.amazonaws.com",
            pack: COMPLIANCE_PLANTS.pack,
          }
        : {
            name: `OrgConfigRule-${bare}-${digitsOf(8, "rule", bare)}`,
            rule,
            createdBy: "config-multiaccountsetup.amazonaws.com",
            pack: null,
          };
      if (!CONTROL_TOWER.includes(rule.identifier)) return [first];
      return [
        first,
        {
          name: `AWSControlTower_AWS-GR_${rule.identifier}`,
          rule,
          createdBy: "controltower.amazonaws.com",
          pack: null,
        },
      ];
    });
}

function reaches(reach: Reach, { environment }: CloudAccount): boolean {
  if (reach === "all") return true;
  return reach === "workloads" ? environment !== "sandbox" : environment === "prod" || environment === "shared";
}
