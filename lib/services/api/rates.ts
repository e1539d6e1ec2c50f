import type { Pace } from "#lib/db/api/take-slots.ts";
import type { ApiCall } from "#lib/sources/aws/request-gate.ts";

/**
 * The rate of one API, or of one operation that AWS limits by itself. `basis` says where the figure comes from: "documented" is
 * AWS's own figure, which is not passed; "chosen" is ours, below what AWS is known to allow, where AWS gives no figure, or gives one
 * that the account can change. Throttled answers correct a figure that is too high (lib/db/api/adjust-pace.ts).
 */
export type ApiRate = Pace & { api: string; operation: string | null; basis: "documented" | "chosen"; source: string };

/** Narrow entries before wide ones: the first that fits a call counts. */
export const API_RATES: readonly ApiRate[] = [
  {
    api: "cloudtrail",
    operation: "LookupEvents",
    perSecond: 2,
    burst: 1,
    basis: "documented",
    // Two a second for each account and region; more is throttled.
    source: "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html",
  },
  {
    api: "config",
    operation: null,
    perSecond: 10,
    burst: 20,
    basis: "chosen",
    // AWS gives no figure for reading AWS Config and answers ThrottlingException. It is shared with the account's own rules.
    source: "https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html",
  },
  {
    api: "ce",
    operation: null,
    perSecond: 10,
    burst: 10,
    basis: "chosen",
    // AWS gives no figure for Cost Explorer and answers LimitExceededException. Its SDK's maintainers advise ten a second at most.
    source: "https://github.com/boto/botocore/issues/1820",
  },
  {
    api: "organizations",
    operation: null,
    perSecond: 10,
    burst: 20,
    basis: "chosen",
    // AWS limits each operation of an organisation by itself, and everybody in the organisation shares that. What is throttled
    // all the same slows every worker down.
    source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
  },
  {
    api: "sts",
    operation: null,
    perSecond: 10,
    burst: 10,
    basis: "chosen",
    // The quota of an account and region is in the hundreds a second and is shared with every other program; a session lasts an
    // hour, so a few requests a second are more than sources need.
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
  },
  {
    api: "eks",
    operation: null,
    perSecond: 5,
    burst: 10,
    basis: "chosen",
    // AWS gives no figure that holds for every account. Clusters are described once for each look at one of them.
    source: "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html",
  },
  {
    api: "ecs",
    operation: null,
    perSecond: 10,
    burst: 20,
    basis: "chosen",
    // The documented rates of reading are by kind of resource, the lowest 20 a second, and shared with the account's deployments.
    source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html",
  },
  {
    api: "logs",
    operation: "FilterLogEvents",
    perSecond: 5,
    burst: 5,
    basis: "documented",
    // Five a second for each account and region, ten in a few of them; it cannot be raised.
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
  },
  {
    api: "s3",
    operation: null,
    perSecond: 200,
    burst: 200,
    basis: "chosen",
    // A prefix takes 5,500 reads a second, which are shared with whoever else reads the trail.
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html",
  },
  {
    api: "aps",
    operation: null,
    perSecond: 10,
    burst: 10,
    basis: "chosen",
    // The quota of a workspace is shared with its dashboards.
    source: "https://docs.aws.amazon.com/prometheus/latest/userguide/AMP_quotas.html",
  },
  {
    api: "kms",
    operation: null,
    perSecond: 10,
    burst: 10,
    basis: "chosen",
    // Signing with keys of elliptic curves has 1,000 a second for the account and region, which are shared with all that signs and checks there.
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html",
  },
];

/** For an API that the table does not have: slow enough for any of them. */
const UNKNOWN_RATE: Pace = { perSecond: 2, burst: 2 };

/** What a call counts against: an operation with a rate of its own, otherwise its API as a whole ("" as the operation). */
export function rateOf({ api, operation }: Pick<ApiCall, "api" | "operation">): Pace & { operation: string } {
  const rate = API_RATES.find((one) => one.api === api && (one.operation === null || one.operation === operation));
  const { perSecond, burst } = rate ?? UNKNOWN_RATE;
  return { operation: rate?.operation ?? "", perSecond, burst };
}
