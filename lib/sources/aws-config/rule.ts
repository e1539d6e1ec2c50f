import type { ConfigRule } from "@aws-sdk/client-config-service";
import type { Severity } from "#lib/domain/posture/verdict.ts";
import type { DeployedRule } from "#lib/sources/aws-config/api-types.ts";
import { severityOfRule } from "#lib/sources/aws-config/rule-severity.ts";
import type { EvaluatedRule } from "#lib/sources/evaluation-reading.ts";

/** Names that AWS's own services give rules around the name that somebody chose. */
const DECORATIONS: readonly { pattern: RegExp; by: string }[] = [
  { pattern: /^OrgConfigRule-(?<name>.+)-[a-z0-9]{8}$/, by: "organization rule" },
  { pattern: /^OrgConformsPack-.+?-(?<name>.+)-conformance-pack-[a-z0-9]+$/, by: "organization conformance pack" },
  { pattern: /^(?<name>.+)-conformance-pack-[a-z0-9]+$/, by: "conformance pack" },
  { pattern: /^securityhub-(?<name>.+)-[0-9a-f]{6,8}$/, by: "AWS Security Hub" },
  { pattern: /^(?<name>AWSControlTower_.+)$/, by: "AWS Control Tower" },
];
/** Words of identifiers that are written in capitals. */
const ABBREVIATIONS = new Set(
  "ACM ALB API AWS CLB CMK DB DR EBS EC2 ECR ECS EFS EIP EKS ELB ELBV2 GW IAM IMDSV2 IP KMS MFA NACL PITR RDS S3 SG SNS SQS SSH SSL SSM TLS VPC VPN WAF WAFV2".split(
    " ",
  ),
);

/** The name that somebody chose for a rule, without what AWS's services put around it, and which of them did. */
export function bareName(name: string): { name: string; by: string | null } {
  for (const { pattern, by } of DECORATIONS) {
    const found = pattern.exec(name)?.groups?.["name"];
    if (found !== undefined) return { name: found, by };
  }
  return { name, by: null };
}

/**
 * What frameworks call a rule: the identifier of AWS's managed rule, whatever it is named in the account, or "aws-config:" and the bare name
 * of a rule of one's own. Through an aggregator the definition is not to be had; then it is that of the rule of the same name in the
 * aggregator's account, or what the settings say.
 */
export function ruleKeyOf(
  { name, definition }: DeployedRule,
  ruleIdentifiers: Readonly<Record<string, string>>,
): string {
  const bare = bareName(name);
  const told = ruleIdentifiers[name] ?? ruleIdentifiers[bare.name];
  if (told !== undefined) return told;
  if (definition?.Source?.Owner === "AWS" && definition.Source.SourceIdentifier !== undefined)
    return definition.Source.SourceIdentifier;
  // Security Hub names its rules after the managed rules that they are.
  if (definition === null && bare.by === "AWS Security Hub") return bare.name.toUpperCase().replaceAll("-", "_");
  return `aws-config:${bare.name}`;
}

/**
 * The rule as people read it. All of `deployed` have the same key; what differs from account to account is left to the evidence.
 * @param severities what the settings say instead of what a rule has by itself.
 */
export function describeRule(
  ruleKey: string,
  deployed: readonly DeployedRule[],
  severities: Readonly<Record<string, Severity>> = {},
): EvaluatedRule {
  const definitions = deployed.flatMap(({ definition }) => definition ?? []);
  const isManaged = !ruleKey.startsWith("aws-config:");
  const description = definitions
    .map(({ Description }) => Description)
    .find((text) => text !== undefined && text !== "");
  return {
    ruleKey,
    title: titleOf(ruleKey),
    description: description ?? null,
    severity: severityOfRule(ruleKey, severities),
    remedy: null,
    details: {
      owner: isManaged ? "AWS" : ownerOf(definitions),
      deployedBy: deployersOf(deployed),
      ...(isManaged ? { documentation: documentationOf(ruleKey) } : {}),
    },
  };
}

function ownerOf(definitions: readonly ConfigRule[]): string | null {
  return definitions[0]?.Source?.Owner ?? null;
}

function deployersOf(deployed: readonly DeployedRule[]): string[] {
  const found = deployed.flatMap(({ name, packs, definition }) => {
    const { by } = bareName(name);
    const byService = definition?.CreatedBy === undefined ? [] : [definition.CreatedBy];
    const named = packs.map((pack) => `conformance pack ${pack}`);
    return [...(by === null || (named.length > 0 && by === "conformance pack") ? [] : [by]), ...named, ...byService];
  });
  return [...new Set(found)].toSorted();
}

function documentationOf(identifier: string): string {
  return `https://docs.aws.amazon.com/config/latest/developerguide/${identifier.toLowerCase().replaceAll("_", "-")}.html`;
}

/** "S3_BUCKET_LOGGING_ENABLED" → "S3 bucket logging enabled". */
function titleOf(ruleKey: string): string {
  const words = ruleKey.replace(/^aws-config:/, "").split(/[_-]/);
  const text = words
    .map((word) => (ABBREVIATIONS.has(word.toUpperCase()) ? word.toUpperCase() : word.toLowerCase()))
    .join(" ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
