import * as sdk from "@aws-sdk/client-config-service";
import { type ConfigOptions, read } from "#demo/aws/config/operation.ts";
import { resultsOf, standingRules } from "#demo/aws/config/results.ts";
import type { Pager } from "#demo/aws/config/page.ts";
import { runQuery } from "#demo/aws/config/query.ts";
import { AwsFailure, type AwsOperation, type OperationCall } from "#demo/aws/service.ts";
import { isRefused, isThere, type ConfigAccount } from "#demo/estate/compliance.ts";
import { regionOf } from "#demo/estate/compliance-resources.ts";

/** The aggregator of the whole organisation, in the region where its account asks. */
export const AGGREGATOR = { name: "halvern-organisation", region: "eu-central-1" } as const;

export function aggregatorOperations(options: ConfigOptions, page: Pager): Record<string, AwsOperation> {
  const { accounts, aggregatorAccount, now } = options;
  /** The accounts that are collected. @throws AwsFailure where there is no such aggregator here. */
  const collected = (name: string | undefined, { caller, region }: OperationCall): ConfigAccount[] => {
    if (name !== AGGREGATOR.name || caller.account !== aggregatorAccount || region !== AGGREGATOR.region)
      throw new AwsFailure(
        "NoSuchConfigurationAggregatorException",
        "The configuration aggregator does not exist. Check the configuration aggregator name and try again.",
      );
    return accounts().filter((account) => isThere(account, now()));
  };
  return {
    DescribeConfigurationAggregators: read<
      sdk.DescribeConfigurationAggregatorsRequest,
      sdk.DescribeConfigurationAggregatorsResponse
    >(sdk.DescribeConfigurationAggregators$, (request, call) => {
      const asked = request.ConfigurationAggregatorNames ?? [AGGREGATOR.name];
      for (const name of asked) collected(name, call);
      return {
        ConfigurationAggregators: [
          {
            ConfigurationAggregatorName: AGGREGATOR.name,
            ConfigurationAggregatorArn: `arn:aws:config:${call.region}:${call.caller.account}:config-aggregator/config-aggregator-halvern1`,
            OrganizationAggregationSource: {
              RoleArn: `arn:aws:iam::${call.caller.account}:role/config-aggregator`,
              AllAwsRegions: true,
            },
          },
        ],
      };
    }),
    DescribeConfigurationAggregatorSourcesStatus: read<
      sdk.DescribeConfigurationAggregatorSourcesStatusRequest,
      sdk.DescribeConfigurationAggregatorSourcesStatusResponse
    >(sdk.DescribeConfigurationAggregatorSourcesStatus$, (request, call) => {
      const { UpdateStatus = ["SUCCEEDED", "FAILED", "OUTDATED"] } = request;
      const sources = collected(request.ConfigurationAggregatorName, call)
        .map((account) => sourceStatus(account, now()))
        .filter(({ LastUpdateStatus }) => LastUpdateStatus !== undefined && UpdateStatus.includes(LastUpdateStatus));
      const { items, more } = page(request, sources, call);
      return { AggregatedSourceStatusList: items, ...more };
    }),
    ...resultOperations(options, page, collected),
  };
}

/** How the aggregator's copy of an account stands. */
export function sourceStatus(here: ConfigAccount, at: Date): sdk.AggregatedSourceStatus {
  const source = { SourceId: here.account.id, SourceType: "ACCOUNT" as const, AwsRegion: regionOf(here.account) };
  if (!isRefused(here, at)) return { ...source, LastUpdateStatus: "SUCCEEDED", LastUpdateTime: at };
  return {
    ...source,
    LastUpdateStatus: "FAILED",
    ...(here.refusedFrom === null ? {} : { LastUpdateTime: here.refusedFrom }),
    LastErrorCode: "AccessDenied",
    LastErrorMessage: "The aggregator account is not authorized to collect data from the source account",
  };
}

type Collected = (name: string | undefined, call: OperationCall) => ConfigAccount[];

function resultOperations({ now }: ConfigOptions, page: Pager, collected: Collected): Record<string, AwsOperation> {
  return {
    DescribeAggregateComplianceByConfigRules: read<
      sdk.DescribeAggregateComplianceByConfigRulesRequest,
      sdk.DescribeAggregateComplianceByConfigRulesResponse
    >(sdk.DescribeAggregateComplianceByConfigRules$, (request, call) => {
      const wanted = request.Filters?.AccountId;
      const at = now();
      const listed = collected(request.ConfigurationAggregatorName, call)
        .filter(({ account }) => wanted === undefined || account.id === wanted)
        .flatMap((account) => complianceByRule(account, at));
      const { items, more } = page(request, listed, call);
      return { AggregateComplianceByConfigRules: items, ...more };
    }),
    GetAggregateComplianceDetailsByConfigRule: read<
      sdk.GetAggregateComplianceDetailsByConfigRuleRequest,
      sdk.GetAggregateComplianceDetailsByConfigRuleResponse
    >(sdk.GetAggregateComplianceDetailsByConfigRule$, (request, call) => {
      const { AccountId = "", AwsRegion = "", ConfigRuleName = "", ComplianceType } = request;
      if (ComplianceType === "NOT_APPLICABLE" || ComplianceType === "INSUFFICIENT_DATA")
        throw new AwsFailure("ValidationException", `${ComplianceType} is not supported as a filter.`);
      const found = collected(request.ConfigurationAggregatorName, call).find(
        ({ account }) => account.id === AccountId,
      );
      const results = resultsOf(found ?? null, ConfigRuleName, AwsRegion, now()).filter(
        (result) => ComplianceType === undefined || result.ComplianceType === ComplianceType,
      );
      const { items, more } = page(request, results, call);
      return { AggregateEvaluationResults: items.map((result) => ({ ...result, AccountId, AwsRegion })), ...more };
    }),
    SelectAggregateResourceConfig: read<
      sdk.SelectAggregateResourceConfigRequest,
      sdk.SelectAggregateResourceConfigResponse
    >(sdk.SelectAggregateResourceConfig$, (request, call) => {
      const known = collected(request.ConfigurationAggregatorName, call).flatMap(({ resources }) => resources);
      const { fields, rows } = runQuery(request.Expression ?? "", known, now());
      const { items, more } = page(request, rows, call);
      return { Results: items, QueryInfo: { SelectFields: fields }, ...more };
    }),
  };
}

/** One entry a rule that has results: the aggregator does not show the others. */
function complianceByRule(here: ConfigAccount, at: Date): sdk.AggregateComplianceByConfigRule[] {
  const region = regionOf(here.account);
  return standingRules(here, region, at).flatMap(({ name }) => {
    const results = resultsOf(here, name, region, at);
    if (results.length === 0) return [];
    const failing = results.filter(({ ComplianceType }) => ComplianceType === "NON_COMPLIANT").length;
    const count = failing > 0 ? failing : results.length;
    return [
      {
        ConfigRuleName: name,
        Compliance: {
          ComplianceType: failing > 0 ? ("NON_COMPLIANT" as const) : ("COMPLIANT" as const),
          ComplianceContributorCount: { CappedCount: Math.min(count, 25), CapExceeded: count > 25 },
        },
        AccountId: here.account.id,
        AwsRegion: region,
      },
    ];
  });
}
