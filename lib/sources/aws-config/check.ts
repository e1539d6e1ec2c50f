import {
  DescribeAggregateComplianceByConfigRulesCommand,
  DescribeConfigRuleEvaluationStatusCommand,
  DescribeConfigRulesCommand,
  DescribeConfigurationAggregatorSourcesStatusCommand,
  DescribeConfigurationAggregatorsCommand,
  DescribeConformancePackComplianceCommand,
  DescribeConformancePacksCommand,
  DescribeConformancePackStatusCommand,
  GetAggregateComplianceDetailsByConfigRuleCommand,
  GetComplianceDetailsByConfigRuleCommand,
  GetConformancePackComplianceDetailsCommand,
  SelectAggregateResourceConfigCommand,
  SelectResourceConfigCommand,
} from "@aws-sdk/client-config-service";
import { AppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { connectionOf } from "#lib/sources/aws-config/read-evaluations.ts";
import { INVENTORY_FIELDS, openRegion, permissionOf, type ConfigRegion } from "#lib/sources/aws-config/requests.ts";
import type { AwsConfigSpec } from "#lib/sources/aws-config/spec.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** Accounts whose role a check assumes; more of the same is no news, and each is a request. */
const CHECKED_ACCOUNTS = 25;
/** What is asked for where nothing is there to ask for: AWS refuses a denied caller before it looks whether it exists. */
const NOBODY = "bursar-check";

/**
 * What `bursar check` says about a source of AWS Config: one line for the credentials and one for each action, with the policy's line to
 * add where it is denied. Asking is free. Never throws for what it checks.
 */
export async function checkConfig(
  spec: AwsConfigSpec,
  options: { gate: RequestGate; signal: AbortSignal },
): Promise<CheckResult[]> {
  if (spec.aggregator !== undefined) return checkWith(spec, options, (region) => aggregatorSteps(region, spec));
  const results: CheckResult[] = [];
  for (const [index, accountId] of spec.accounts.slice(0, CHECKED_ACCOUNTS).entries())
    results.push(
      ...(await checkWith(connectionOf(spec, accountId), options, (region) =>
        index === 0 ? accountSteps(region) : [],
      )),
    );
  return results;
}

type Step = { action: string; ask(options: { abortSignal: AbortSignal }): Promise<unknown> };

async function checkWith(
  connection: AwsConfigSpec,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
  stepsOf: (region: ConfigRegion) => Step[],
): Promise<CheckResult[]> {
  const clients = await openAwsClients(connection, gate, signal);
  try {
    const { roleArn } = connection;
    const credentials = await checkStep(
      roleArn === undefined ? "Find credentials of AWS" : `Assume ${roleArn}`,
      clients.assumeRole,
    );
    if (!credentials.ok) return [credentials];
    const region = openRegion(clients, connection.regions[0] ?? connection.region ?? "");
    const results = [credentials];
    for (const step of stepsOf(region)) results.push(await tryStep(clients, step));
    return results;
  } finally {
    clients.close();
  }
}

function tryStep(clients: AwsClients, { action, ask }: Step): Promise<CheckResult> {
  const permission = permissionOf(action);
  const what = `Read ${permission.why} (${action}${permission.isOptional ? "; the source works without" : ""})`;
  return checkStep(what, () =>
    clients.attempt(permission, ask).catch((thrown: unknown) => {
      if (thrown instanceof AppError && thrown.code === "not_found") return;
      throw thrown;
    }),
  );
}

function aggregatorSteps({ client }: ConfigRegion, { aggregator = "", region = "" }: AwsConfigSpec): Step[] {
  const ConfigurationAggregatorName = aggregator;
  const found = { ConfigRuleName: NOBODY, AccountId: "000000000000", AwsRegion: region };
  return [
    {
      action: "config:DescribeConfigurationAggregators",
      ask: (options) =>
        client.send(
          new DescribeConfigurationAggregatorsCommand({ ConfigurationAggregatorNames: [aggregator] }),
          options,
        ),
    },
    {
      action: "config:DescribeConfigurationAggregatorSourcesStatus",
      ask: (options) =>
        client.send(
          new DescribeConfigurationAggregatorSourcesStatusCommand({ ConfigurationAggregatorName, Limit: 1 }),
          options,
        ),
    },
    {
      action: "config:DescribeAggregateComplianceByConfigRules",
      ask: async (options) => {
        const page = await client.send(
          new DescribeAggregateComplianceByConfigRulesCommand({ ConfigurationAggregatorName, Limit: 1 }),
          options,
        );
        const { ConfigRuleName, AccountId, AwsRegion } = page.AggregateComplianceByConfigRules?.[0] ?? {};
        Object.assign(found, {
          ConfigRuleName: ConfigRuleName ?? found.ConfigRuleName,
          AccountId: AccountId ?? found.AccountId,
          AwsRegion: AwsRegion ?? found.AwsRegion,
        });
      },
    },
    {
      action: "config:GetAggregateComplianceDetailsByConfigRule",
      ask: (options) =>
        client.send(
          new GetAggregateComplianceDetailsByConfigRuleCommand({ ConfigurationAggregatorName, ...found, Limit: 1 }),
          options,
        ),
    },
    {
      action: "config:DescribeConfigRules",
      ask: (options) => client.send(new DescribeConfigRulesCommand({}), options),
    },
    {
      action: "config:SelectAggregateResourceConfig",
      ask: (options) =>
        client.send(
          new SelectAggregateResourceConfigCommand({
            ConfigurationAggregatorName,
            Expression: INVENTORY_FIELDS,
            Limit: 1,
          }),
          options,
        ),
    },
  ];
}

function accountSteps({ client }: ConfigRegion): Step[] {
  const named = { rule: NOBODY, pack: NOBODY };
  return [
    {
      action: "config:DescribeConfigRules",
      ask: async (options) => {
        const { ConfigRules } = await client.send(new DescribeConfigRulesCommand({}), options);
        named.rule = ConfigRules?.[0]?.ConfigRuleName ?? named.rule;
      },
    },
    {
      action: "config:GetComplianceDetailsByConfigRule",
      ask: (options) =>
        client.send(new GetComplianceDetailsByConfigRuleCommand({ ConfigRuleName: named.rule, Limit: 1 }), options),
    },
    {
      action: "config:DescribeConfigRuleEvaluationStatus",
      ask: (options) => client.send(new DescribeConfigRuleEvaluationStatusCommand({ Limit: 1 }), options),
    },
    {
      action: "config:DescribeConformancePacks",
      ask: async (options) => {
        const page = await client.send(new DescribeConformancePacksCommand({ Limit: 1 }), options);
        named.pack = page.ConformancePackDetails?.[0]?.ConformancePackName ?? named.pack;
      },
    },
    {
      action: "config:DescribeConformancePackStatus",
      ask: (options) => client.send(new DescribeConformancePackStatusCommand({ Limit: 1 }), options),
    },
    {
      action: "config:DescribeConformancePackCompliance",
      ask: (options) =>
        client.send(new DescribeConformancePackComplianceCommand({ ConformancePackName: named.pack }), options),
    },
    {
      action: "config:GetConformancePackComplianceDetails",
      ask: (options) =>
        client.send(
          new GetConformancePackComplianceDetailsCommand({ ConformancePackName: named.pack, Limit: 1 }),
          options,
        ),
    },
    {
      action: "config:SelectResourceConfig",
      ask: (options) =>
        client.send(new SelectResourceConfigCommand({ Expression: INVENTORY_FIELDS, Limit: 1 }), options),
    },
  ];
}
