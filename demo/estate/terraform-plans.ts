import { addDays, startOf, type Day } from "#lib/domain/period.ts";
import { ACCOUNT_NAMES, type CloudAccount } from "#demo/estate/accounts.ts";
import { clustersOf } from "#demo/estate/clusters.ts";
import { resourcesOf } from "#demo/estate/compliance-resources.ts";
import type { Estate } from "#demo/estate/estate.ts";

/** Accounts whose workspace is planned each night, and what the plans find there. */
export const TERRAFORM_PLANTS = {
  /** Nothing differs. */
  clean: "policy-core-prod",
  /** Somebody changed tags by hand, and nobody took that back. */
  drifting: { account: ACCOUNT_NAMES.networkHub, sinceDaysAgo: 24 },
  /** The same, but not for so long that it fails. */
  recent: { account: "monitoring-prod", sinceDaysAgo: 3 },
  /** Plans end with an error. */
  unplanned: { account: "shared-eks-nonprod", sinceDaysAgo: 4 },
} as const;

/** A resource by the names that Terraform has for it. */
type DeclaredResource = { type: string; name: string; arn: string };

/** What one night's plan says of one workspace. */
export type NightlyPlan = {
  workspace: string;
  day: Day;
  hasError: boolean;
  resources: (DeclaredResource & { isDrifted: boolean })[];
};

const NIGHTS = 30;

type Kind = { type: string; arnOf(place: string, id: string): string };
/** How Terraform calls what AWS Config has recorded. */
const KINDS: Readonly<Record<string, Kind>> = {
  "AWS::S3::Bucket": { type: "aws_s3_bucket", arnOf: (_, id) => `arn:aws:s3:::${id}` },
  "AWS::EC2::SecurityGroup": {
    type: "aws_security_group",
    arnOf: (place, id) => `arn:aws:ec2:${place}:security-group/${id}`,
  },
  "AWS::EC2::VPC": { type: "aws_vpc", arnOf: (place, id) => `arn:aws:ec2:${place}:vpc/${id}` },
  "AWS::KMS::Key": { type: "aws_kms_key", arnOf: (place, id) => `arn:aws:kms:${place}:key/${id}` },
};
/** Every plan of every workspace, each made in the night that its day begins with; the last one in the night before today's. */
export function nightlyPlans(estate: Estate): NightlyPlan[] {
  const { clean, drifting, recent, unplanned } = TERRAFORM_PLANTS;
  const never = { drift: 0, error: 0 };
  return [
    ...nightsOf(estate, clean, never),
    ...nightsOf(estate, drifting.account, { ...never, drift: drifting.sinceDaysAgo }),
    ...nightsOf(estate, recent.account, { ...never, drift: recent.sinceDaysAgo }),
    ...nightsOf(estate, unplanned.account, { ...never, error: unplanned.sinceDaysAgo }),
  ];
}

/** @param since days ago, from when on to yesterday; 0 = never. */
function nightsOf(estate: Estate, name: string, since: { drift: number; error: number }): NightlyPlan[] {
  const account = estate.accounts.find((one) => one.name === name);
  if (!account) throw new RangeError(`The estate has no account ${name}.`);
  const declared = declaredIn(estate, account);
  const changed = declared.find(({ type }) => type === "aws_security_group") ?? declared[0];
  return Array.from({ length: NIGHTS }, (_, index) => {
    const daysAgo = NIGHTS - index;
    const hasError = daysAgo <= since.error;
    return {
      workspace: name,
      day: addDays(estate.calendar.today, -daysAgo),
      hasError,
      resources: hasError
        ? []
        : declared.map((one) => ({ ...one, isDrifted: daysAgo <= since.drift && one === changed })),
    };
  });
}

/** What was there through all those nights. */
function declaredIn(estate: Estate, account: CloudAccount): DeclaredResource[] {
  const first = startOf(addDays(estate.calendar.today, -NIGHTS));
  return resourcesOf(estate.seed, account, clustersOf(estate))
    .filter(({ from, to }) => from < first && (to === null || to > startOf(estate.calendar.today)))
    .flatMap(({ type, id, name, region }) => {
      const kind = KINDS[type];
      if (kind === undefined) return [];
      // Terraform's own names have no account in them.
      const own = name.replace(`${account.name}-`, "").replaceAll("-", "_");
      return [{ type: kind.type, name: own, arn: kind.arnOf(`${region}:${account.id}`, id) }];
    });
}
