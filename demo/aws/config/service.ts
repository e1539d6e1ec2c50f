import * as sdk from "@aws-sdk/client-config-service";
import { aggregatorOperations } from "#demo/aws/config/aggregator.ts";
import { packOperations } from "#demo/aws/config/conformance-packs.ts";
import { type ConfigOptions, type OddRule, placeOf, read, resultsHere } from "#demo/aws/config/operation.ts";
import { pagerOf, type Pager } from "#demo/aws/config/page.ts";
import { runQuery } from "#demo/aws/config/query.ts";
import { ruleView, standingRules } from "#demo/aws/config/results.ts";
import { AwsFailure, type AwsOperation, type AwsService } from "#demo/aws/service.ts";

const THROTTLED = "Rate exceeded";

/** AWS Config as it stands now, in each account and through the aggregator of the organisation. */
export function createConfig(options: ConfigOptions): AwsService {
  const page = pagerOf(options.tokens);
  return {
    name: "config",
    protocol: "json",
    target: "StarlingDoveService",
    regions: null,
    throttling: { code: "ThrottlingException", message: THROTTLED },
    failures: { ThrottlingException: THROTTLED, InternalFailure: "An internal failure occurred. Try again." },
    operations: {
      ...ruleOperations(options, page),
      ...packOperations(options, page),
      ...aggregatorOperations(options, page),
    },
  };
}

function ruleOperations(options: ConfigOptions, page: Pager): Record<string, AwsOperation> {
  const { accounts, now, oddRules } = options;
  return {
    DescribeConfigRules: read<sdk.DescribeConfigRulesRequest, sdk.DescribeConfigRulesResponse>(
      sdk.DescribeConfigRules$,
      (request, call) => {
        const here = placeOf(accounts(), call);
        const rules = standingRules(here, call.region, now());
        const asked = request.ConfigRuleNames;
        const missing = asked?.find((name) => !rules.some((rule) => rule.name === name));
        if (missing !== undefined) throw noSuchRule(missing);
        const wanted = rules.filter(({ name }) => asked === undefined || asked.includes(name));
        // 25 a page, which is the least that AWS was seen to give.
        const { items, more } = page({ NextToken: request.NextToken }, wanted, call, 25);
        const views = items.map((rule) => {
          const view = ruleView(rule, here?.account.id ?? "", call.region);
          return { ...view, ConfigRuleState: oddRules.get(rule.name)?.state ?? view.ConfigRuleState };
        });
        return { ConfigRules: views, ...more };
      },
    ),
    GetComplianceDetailsByConfigRule: read<
      sdk.GetComplianceDetailsByConfigRuleRequest,
      sdk.GetComplianceDetailsByConfigRuleResponse
    >(sdk.GetComplianceDetailsByConfigRule$, (request, call) => {
      const { ConfigRuleName = "", ComplianceTypes = [] } = request;
      if (ComplianceTypes.includes("INSUFFICIENT_DATA"))
        throw new AwsFailure("InvalidParameterValueException", "INSUFFICIENT_DATA cannot be used to filter results.");
      const here = placeOf(accounts(), call);
      if (!standingRules(here, call.region, now()).some(({ name }) => name === ConfigRuleName))
        throw noSuchRule(ConfigRuleName);
      const results = resultsHere(options, ConfigRuleName, call).filter(
        ({ ComplianceType }) =>
          ComplianceTypes.length === 0 || (ComplianceType !== undefined && ComplianceTypes.includes(ComplianceType)),
      );
      const { items, more } = page(request, results, call);
      return { EvaluationResults: items, ...more };
    }),
    DescribeConfigRuleEvaluationStatus: read<
      sdk.DescribeConfigRuleEvaluationStatusRequest,
      sdk.DescribeConfigRuleEvaluationStatusResponse
    >(sdk.DescribeConfigRuleEvaluationStatus$, (request, call) => {
      const rules = standingRules(placeOf(accounts(), call), call.region, now());
      const { items, more } = page(request, rules, call, 150);
      const hour = new Date(Math.floor(now().getTime() / 3_600_000) * 3_600_000);
      return {
        ConfigRulesEvaluationStatus: items.map(({ name }) => statusOf(name, hour, oddRules.get(name))),
        ...more,
      };
    }),
    SelectResourceConfig: read<sdk.SelectResourceConfigRequest, sdk.SelectResourceConfigResponse>(
      sdk.SelectResourceConfig$,
      (request, call) => {
        const here = placeOf(accounts(), call);
        const known = (here?.resources ?? []).filter(({ region }) => region === call.region);
        const { fields, rows } = runQuery(request.Expression ?? "", known, now());
        const { items, more } = page(request, rows, call);
        return { Results: items, QueryInfo: { SelectFields: fields }, ...more };
      },
    ),
  };
}

function statusOf(name: string, hour: Date, odd: OddRule | undefined): sdk.ConfigRuleEvaluationStatus {
  const { succeededAt, failedAt } = odd?.evaluation ?? { succeededAt: hour, failedAt: null };
  return {
    ConfigRuleName: name,
    ...(succeededAt === null
      ? {}
      : { LastSuccessfulInvocationTime: succeededAt, LastSuccessfulEvaluationTime: succeededAt }),
    ...(failedAt === null
      ? {}
      : {
          LastFailedInvocationTime: failedAt,
          LastFailedEvaluationTime: failedAt,
          LastErrorCode: "AccessDenied",
          LastErrorMessage: "The AWS Config service-linked role may not describe the resource.",
        }),
    FirstEvaluationStarted: succeededAt !== null || failedAt !== null,
  };
}

function noSuchRule(name: string): AwsFailure {
  return new AwsFailure(
    "NoSuchConfigRuleException",
    `The ConfigRule '${name}' provided in the request is invalid. Please check the configRule name.`,
  );
}
