import { worstVerdict, type Verdict } from "#lib/domain/posture/verdict.ts";
import type { ConfigAnswer, KnownResource } from "#lib/sources/aws-config/api-types.ts";
import type { EvaluatedResource, EvaluationItem } from "#lib/sources/evaluation-reading.ts";

const VERDICTS: Record<string, Verdict> = {
  COMPLIANT: "pass",
  NON_COMPLIANT: "fail",
  NOT_APPLICABLE: "not_applicable",
};
const ACCOUNT_TYPE = "AWS::::Account";
// Rules of every region speak of the same one.
const GLOBAL_TYPES = /^AWS::(IAM|CloudFront|GlobalAccelerator|Route53)::/;

/** AWS's word for a verdict. Too little data, and every word that this version does not know, is unknown. */
export function verdictOf(complianceType: string | null): Verdict {
  return VERDICTS[complianceType ?? ""] ?? "unknown";
}

/**
 * Identity of a resource over all sources: its ARN where the id that AWS Config gives makes one, otherwise account, region, type and id.
 * It never depends on the inventory, so that losing the permission to read names renames nothing.
 */
export function resourceKey(accountId: string, region: string, type: string, id: string): string {
  if (type === ACCOUNT_TYPE) return accountId;
  if (id.startsWith("arn:")) return id;
  const place = GLOBAL_TYPES.test(type) ? "global" : region;
  return arnOf(accountId, region, type, id) ?? `${accountId}/${place}/${type}/${id}`;
}

function arnOf(accountId: string, region: string, type: string, id: string): string | null {
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  const regional = (service: string, what: string) => `arn:${partition}:${service}:${region}:${accountId}:${what}`;
  switch (type) {
    case "AWS::S3::Bucket":
      return `arn:${partition}:s3:::${id}`;
    case "AWS::EC2::Instance":
      return regional("ec2", `instance/${id}`);
    case "AWS::EC2::Volume":
      return regional("ec2", `volume/${id}`);
    case "AWS::EC2::SecurityGroup":
      return regional("ec2", `security-group/${id}`);
    case "AWS::EC2::VPC":
      return regional("ec2", `vpc/${id}`);
    case "AWS::KMS::Key":
      return regional("kms", `key/${id}`);
    case "AWS::EFS::FileSystem":
      return regional("elasticfilesystem", `file-system/${id}`);
    case "AWS::EKS::Cluster":
      return regional("eks", `cluster/${id}`);
    case "AWS::DynamoDB::Table":
      return regional("dynamodb", `table/${id}`);
    case "AWS::Lambda::Function":
      return regional("lambda", `function:${id}`);
    default:
      return null;
  }
}

export type Account = { accountId: string; inventory: ReadonlyMap<string, KnownResource> };

/** The account itself as a resource. */
export function accountResource(accountId: string): EvaluatedResource {
  return {
    kind: "Account",
    key: accountId,
    name: accountId,
    accountId,
    region: null,
    clusterKey: null,
    namespaceUid: null,
    environment: null,
  };
}

function resourceOf(
  { region, resourceType, resourceId }: ConfigAnswer,
  { accountId, inventory }: Account,
): EvaluatedResource {
  if (resourceType === ACCOUNT_TYPE) return accountResource(accountId);
  const key = resourceKey(accountId, region, resourceType, resourceId);
  const name = inventory.get(key)?.resourceName ?? resourceId;
  const isGlobal = GLOBAL_TYPES.test(resourceType);
  return { ...accountResource(accountId), kind: resourceType, key, name, region: isGlobal ? null : region };
}

/**
 * One item for each resource that the answers of one rule speak of. The same managed rule, brought by several conformance packs or standing
 * in several regions, answers several times about one resource: the worst counts, and all of them are the evidence.
 */
export function toItems(
  ruleKey: string,
  answers: readonly ConfigAnswer[],
  account: Account,
  now: Date,
): EvaluationItem[] {
  const byResource = new Map<string, { resource: EvaluatedResource; answers: ConfigAnswer[] }>();
  for (const answer of answers) {
    const resource = resourceOf(answer, account);
    const id = `${resource.kind} ${resource.key}`;
    const found = byResource.get(id);
    if (found) found.answers.push(answer);
    else byResource.set(id, { resource, answers: [answer] });
  }
  return [...byResource.values()].map((one) => toItem(ruleKey, one.resource, one.answers, now));
}

function toItem(
  ruleKey: string,
  resource: EvaluatedResource,
  answers: readonly ConfigAnswer[],
  now: Date,
): EvaluationItem {
  const sorted = answers.toSorted((a, b) => compare(`${a.ruleName} ${a.region}`, `${b.ruleName} ${b.region}`));
  const verdict = worstVerdict(sorted.map(({ complianceType }) => verdictOf(complianceType)));
  return {
    ruleKey,
    resource,
    verdict,
    note: noteOf(sorted, verdict),
    evidence: { answers: sorted.map(evidenceOf) },
    from: beginOf(sorted, verdict, now),
    to: null,
  };
}

/** The answer without its instants, which move with each evaluation and would make the same answer look like another one. */
function evidenceOf(answer: ConfigAnswer): Omit<ConfigAnswer, "recordedAt"> {
  const { ruleName, region, resourceType, resourceId, complianceType, annotation, mode } = answer;
  return { ruleName, region, resourceType, resourceId, complianceType, annotation, mode };
}

function noteOf(answers: readonly ConfigAnswer[], verdict: Verdict): string | null {
  const deciding = answers.filter(({ complianceType }) => verdictOf(complianceType) === verdict);
  const notes = [...new Set(deciding.flatMap(({ annotation }) => annotation ?? []))];
  if (notes.length > 0) return notes.join(" ");
  return verdict === "unknown" ? "AWS Config has too little data to evaluate the rule." : null;
}

/**
 * Since when it is so: one failure is enough to fail, so that the first counts; passing takes all of them, so that the last counts.
 * A clock that is ahead of ours says nothing.
 */
function beginOf(answers: readonly ConfigAnswer[], verdict: Verdict, now: Date): Date | null {
  const instants = answers
    .filter(({ complianceType }) => verdictOf(complianceType) === verdict)
    .flatMap(({ recordedAt }) => recordedAt?.getTime() ?? []);
  if (instants.length === 0) return null;
  const at = verdict === "fail" || verdict === "unknown" ? Math.min(...instants) : Math.max(...instants);
  return at < now.getTime() ? new Date(at) : null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What stands for a rule that has no results: of the account, because there is no resource to say it of. */
export function emptyItem(ruleKey: string, accountId: string, isEvaluated: boolean | null): EvaluationItem {
  return {
    ruleKey,
    resource: accountResource(accountId),
    verdict: isEvaluated === true ? "not_applicable" : "unknown",
    note:
      isEvaluated === true
        ? "The account has nothing that the rule looks at."
        : isEvaluated === false
          ? "AWS Config has not evaluated the rule yet."
          : "The rule has no results: nothing is in its scope, or it was not evaluated. AWS Config does not tell the two apart here.",
    evidence: null,
    from: null,
    to: null,
  };
}
