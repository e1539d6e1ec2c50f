import {
  DescribeAggregateComplianceByConfigRulesCommand,
  DescribeConfigurationAggregatorSourcesStatusCommand,
  DescribeConfigurationAggregatorsCommand,
  GetAggregateComplianceDetailsByConfigRuleCommand,
  SelectAggregateResourceConfigCommand,
  type AggregatedSourceStatus,
  type ConfigRule,
} from "@aws-sdk/client-config-service";
import { AppError } from "#lib/errors.ts";
import type { DeployedRule, KnownResource, OpenedAccount, RuleAnswers } from "#lib/sources/aws-config/api-types.ts";
import {
  answersOf,
  INVENTORY_FIELDS,
  listRules,
  PAGE_LIMIT,
  toAnswer,
  toInventory,
  unlessDenied,
  type ConfigRegion,
} from "#lib/sources/aws-config/requests.ts";
import { bareName } from "#lib/sources/aws-config/rule.ts";

/** The accounts that the aggregator collects, sorted: what it was told, and what it has been authorised for. */
export async function aggregatedAccounts(region: ConfigRegion, aggregator: string): Promise<string[]> {
  const found = await region.list("config:DescribeConfigurationAggregators", async (token, options) => {
    const page = await region.client.send(
      new DescribeConfigurationAggregatorsCommand({ ConfigurationAggregatorNames: [aggregator], ...token }),
      options,
    );
    return { items: page.ConfigurationAggregators, nextToken: page.NextToken };
  });
  const told = found.flatMap(({ AccountAggregationSources }) =>
    (AccountAggregationSources ?? []).flatMap(({ AccountIds }) => AccountIds ?? []),
  );
  const seen = (await listSources(region, aggregator)).flatMap(({ SourceId, SourceType }) =>
    SourceType === "ACCOUNT" ? (SourceId ?? []) : [],
  );
  return [...new Set([...told, ...seen])].toSorted();
}

function listSources(
  region: ConfigRegion,
  aggregator: string,
  only: { UpdateStatus?: ("FAILED" | "OUTDATED")[] } = {},
): Promise<AggregatedSourceStatus[]> {
  return region.list("config:DescribeConfigurationAggregatorSourcesStatus", async (token, options) => {
    const page = await region.client.send(
      new DescribeConfigurationAggregatorSourcesStatusCommand({
        ConfigurationAggregatorName: aggregator,
        Limit: PAGE_LIMIT,
        ...only,
        ...token,
      }),
      options,
    );
    return { items: page.AggregatedSourceStatusList, nextToken: page.NextToken };
  });
}

/** One account as the aggregator has it, all of its regions. */
export async function openAggregated(
  region: ConfigRegion,
  aggregator: string,
  accountId: string,
): Promise<OpenedAccount> {
  const listed = await region.list("config:DescribeAggregateComplianceByConfigRules", async (token, options) => {
    const page = await region.client.send(
      new DescribeAggregateComplianceByConfigRulesCommand({
        ConfigurationAggregatorName: aggregator,
        Filters: { AccountId: accountId },
        Limit: PAGE_LIMIT,
        ...token,
      }),
      options,
    );
    return { items: page.AggregateComplianceByConfigRules, nextToken: page.NextToken };
  });
  const definitions = definitionsByName((await unlessDenied(() => listRules(region))) ?? []);
  const rules = listed.map(({ ConfigRuleName, AwsRegion }): DeployedRule => {
    if (ConfigRuleName === undefined || AwsRegion === undefined)
      throw new AppError("bad_data", "AWS Config listed a rule without its name or region.");
    const definition = definitions.get(ConfigRuleName) ?? definitions.get(bareName(ConfigRuleName).name) ?? null;
    return { name: ConfigRuleName, region: AwsRegion, definition, packs: [] };
  });
  const behind = await regionsBehind(region, aggregator, accountId);
  // Nothing that could not be fetched is not the same as nothing that is there.
  const [unread] = behind.values();
  if (rules.length === 0 && unread?.kind === "unread")
    throw new AppError("unavailable", unread.reason, { remedy: unread.remedy ?? "Look at the aggregator." });
  return {
    accountId,
    rules,
    inventory: (await unlessDenied(() => readInventory(region, aggregator, accountId))) ?? new Map(),
    ask: async (rule) => behind.get(rule.region) ?? (await askRule(region, aggregator, accountId, rule)),
  };
}

/** Rules of the aggregator's own account by their names, and by the bare names under which other accounts may have them as well. */
function definitionsByName(rules: readonly ConfigRule[]): Map<string, ConfigRule> {
  const named = rules.flatMap((rule) =>
    rule.ConfigRuleName === undefined ? [] : [[rule.ConfigRuleName, rule] as const],
  );
  return new Map([...named.map(([name, rule]) => [bareName(name).name, rule] as const), ...named]);
}

/** Regions of the account whose results the aggregator could not fetch lately: what it has of them is old and says nothing of now. */
async function regionsBehind(
  region: ConfigRegion,
  aggregator: string,
  accountId: string,
): Promise<Map<string, RuleAnswers>> {
  const sources = await listSources(region, aggregator, { UpdateStatus: ["FAILED", "OUTDATED"] });
  return new Map(
    sources
      .filter(({ SourceId }) => SourceId === accountId)
      .map((source) => [source.AwsRegion ?? "", { kind: "unread", ...behindReason(source, aggregator) }] as const),
  );
}

/** Why results that the aggregator has of one account and region say nothing of now. */
export function behindReason(
  { SourceId, AwsRegion, LastUpdateStatus, LastErrorCode, LastErrorMessage }: AggregatedSourceStatus,
  aggregator: string,
): { reason: string; remedy: string } {
  const said = [LastErrorCode, LastErrorMessage].filter(Boolean).join(": ");
  return {
    reason: `The aggregator's copy of ${AwsRegion} is ${LastUpdateStatus === "FAILED" ? "not updated" : "outdated"}${said === "" ? "" : ` (${said})`}.`,
    remedy: `Look at the sources of the aggregator ${aggregator} in AWS Config, and authorise it in the account ${SourceId}.`,
  };
}

function askRule(
  region: ConfigRegion,
  aggregator: string,
  accountId: string,
  rule: DeployedRule,
): Promise<RuleAnswers> {
  const results = () =>
    region.list("config:GetAggregateComplianceDetailsByConfigRule", async (token, options) => {
      const page = await region.client.send(
        new GetAggregateComplianceDetailsByConfigRuleCommand({
          ConfigurationAggregatorName: aggregator,
          ConfigRuleName: rule.name,
          AccountId: accountId,
          AwsRegion: rule.region,
          Limit: PAGE_LIMIT,
          ...token,
        }),
        options,
      );
      const items = page.AggregateEvaluationResults?.map((result) => toAnswer(result, rule.region));
      return { items, nextToken: page.NextToken };
    });
  // The aggregator has no record of when a rule was evaluated.
  return answersOf(results, null);
}

async function readInventory(
  region: ConfigRegion,
  aggregator: string,
  accountId: string,
): Promise<Map<string, KnownResource>> {
  const rows = await region.list("config:SelectAggregateResourceConfig", async (token, options) => {
    const page = await region.client.send(
      new SelectAggregateResourceConfigCommand({
        ConfigurationAggregatorName: aggregator,
        Expression: `${INVENTORY_FIELDS} WHERE accountId = '${accountId}'`,
        Limit: PAGE_LIMIT,
        ...token,
      }),
      options,
    );
    return { items: page.Results, nextToken: page.NextToken };
  });
  return toInventory(rows, accountId, region.region);
}
