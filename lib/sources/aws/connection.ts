import { z } from "zod";

/** An ARN of a role: its partition and its account. */
const ROLE_ARN = /^arn:(?<partition>aws[a-z-]*):iam::(?<account>\d{12}):role\/[\w+=,.@/-]+$/;

/** How a source reaches AWS. Spread into the schema of each kind that does, with `refuseHalfKeys` as its refinement. */
export const awsConnection = {
  roleArn: z
    .string()
    .regex(ROLE_ARN, "must be the ARN of a role such as arn:aws:iam::111122223333:role/bursar")
    .optional()
    .describe("The role to assume; without it the credentials themselves are used."),
  externalId: z.string().min(2).optional().describe("What the role's trust policy asks for as sts:ExternalId."),
  profile: z.string().min(1).optional().describe("A profile of the shared AWS configuration files."),
  endpoint: z.url().optional().describe("For a server that speaks AWS's protocols but is not Amazon's."),
  region: z.string().min(1).optional().describe("Where STS is asked; what the SDK finds where absent."),
  accessKeyId: z.string().min(1).optional(),
  secretAccessKey: z.string().min(1).optional(),
  sessionToken: z.string().min(1).optional(),
};

const connectionFields = z.object(awsConnection);
export type AwsConnection = z.infer<typeof connectionFields>;

/** An access key without its secret, or the other way round, is a mistake that must not fall back on other credentials. */
export function refuseHalfKeys(spec: AwsConnection, context: z.RefinementCtx): void {
  if ((spec.accessKeyId === undefined) !== (spec.secretAccessKey === undefined))
    context.addIssue({
      code: "custom",
      path: ["secretAccessKey"],
      message: "accessKeyId and secretAccessKey belong together",
    });
  if (spec.externalId !== undefined && spec.roleArn === undefined)
    context.addIssue({ code: "custom", path: ["externalId"], message: "an externalId is for the role of a roleArn" });
}

/** Account of the role that is assumed; null where none is. */
export function accountOfRole(spec: AwsConnection): string | null {
  return ROLE_ARN.exec(spec.roleArn ?? "")?.groups?.["account"] ?? null;
}

/**
 * Where the APIs that are not regional stand in each partition: Cost Explorer and Organizations answer there and nowhere
 * else. The region of a role's own partition, or else that of the region that the SDK found.
 */
export function homeRegion(spec: AwsConnection, foundRegion: string | null): string {
  const partition = ROLE_ARN.exec(spec.roleArn ?? "")?.groups?.["partition"];
  const region = spec.region ?? foundRegion ?? "";
  if (partition === "aws-cn" || (partition === undefined && region.startsWith("cn-"))) return "cn-northwest-1";
  if (partition === "aws-us-gov" || (partition === undefined && region.startsWith("us-gov-"))) return "us-gov-west-1";
  if (partition === "aws-eusc" || (partition === undefined && region.startsWith("eusc-"))) return "eusc-de-east-1";
  return "us-east-1";
}
