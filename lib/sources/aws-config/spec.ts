import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

const accountId = z.string().regex(/^\d{12}$/, "must be the 12 digits of an account");

/** The settings of a source that reads AWS Config, as bursar.yaml has them under `sources.<name>`. */
export const awsConfigSpec = z
  .strictObject({
    kind: z.literal("aws-config"),
    ...awsConnection,
    aggregator: z
      .string()
      .min(1)
      .optional()
      .describe("Name of an aggregator in `region`, through which all accounts are read with one role."),
    accountRole: z
      .string()
      .regex(/^[\w+=,.@/-]+$/, "must be the name of a role, with its path where it has one")
      .optional()
      .describe("Without an aggregator: name of the role that is assumed in each of the accounts."),
    accounts: z
      .array(accountId)
      .max(5_000)
      .default([])
      .describe("The accounts to read; with an aggregator those that must be there besides what it collects."),
    regions: z
      .array(z.string().min(1))
      .max(40)
      .default([])
      .describe("Without an aggregator: the regions that are read in each account."),
    ruleIdentifiers: z
      .record(z.string().min(1), z.string().regex(/^[A-Z][A-Z0-9_]+$/, "must be the identifier of a managed rule"))
      .default({})
      .describe(
        "Which managed rule a rule is whose definition cannot be read through an aggregator: its name → identifier.",
      ),
    severities: z
      .record(z.string().min(1), z.enum(["critical", "high", "medium", "low"]))
      .default({})
      .describe(
        "How bad failures of a rule are, where it is not what AWS Security Hub says of the rule, or medium: identifier of the managed rule, or name of a rule of your own → severity.",
      ),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  // An external id is for the role of each account as well.
  .superRefine(({ roleArn, accountRole, ...spec }, context) =>
    refuseHalfKeys(
      { ...spec, ...(roleArn === undefined && accountRole === undefined ? {} : { roleArn: "given" }) },
      context,
    ),
  )
  .superRefine((spec, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if ((spec.aggregator === undefined) === (spec.accountRole === undefined))
      return refuse("aggregator", "give either an aggregator or an accountRole, not both");
    if (spec.aggregator !== undefined && spec.region === undefined)
      refuse("region", "an aggregator stands in one region");
    if (spec.accountRole === undefined) return;
    if (spec.accounts.length === 0) refuse("accounts", "an accountRole is for the accounts that are listed");
    if (spec.regions.length === 0) refuse("regions", "without an aggregator the regions have to be listed");
    if (spec.roleArn !== undefined)
      refuse("roleArn", "an accountRole is assumed directly, without another role before it");
  });

export type AwsConfigSpec = z.infer<typeof awsConfigSpec>;
