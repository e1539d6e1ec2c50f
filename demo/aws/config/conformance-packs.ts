import * as sdk from "@aws-sdk/client-config-service";
import { type ConfigOptions, placeOf, read, resultsHere } from "#demo/aws/config/operation.ts";
import { standingRules } from "#demo/aws/config/results.ts";
import type { Pager } from "#demo/aws/config/page.ts";
import { AwsFailure, type AwsOperation, type OperationCall } from "#demo/aws/service.ts";
import { COMPLIANCE_PLANTS, type DeployedName } from "#demo/estate/compliance-rules.ts";
import { uuidOf } from "#demo/estate/random.ts";

const PACKS_A_PAGE = 20;

/** Conformance packs: the one of production, and one that is being deleted and is listed all the same. */
export function packOperations(options: ConfigOptions, page: Pager): Record<string, AwsOperation> {
  const { accounts, now } = options;
  const rulesHere = (call: OperationCall) => standingRules(placeOf(accounts(), call), call.region, now());
  const packsHere = (call: OperationCall) =>
    rulesHere(call).some(({ pack }) => pack !== null) ? [COMPLIANCE_PLANTS.pack, COMPLIANCE_PLANTS.endingPack] : [];
  const rulesOf = (name: string, call: OperationCall): DeployedName[] => {
    if (name !== COMPLIANCE_PLANTS.pack || !packsHere(call).includes(name))
      throw new AwsFailure("NoSuchConformancePackException", `The conformance pack ${name} does not exist.`);
    return rulesHere(call).filter(({ pack }) => pack === name);
  };
  return {
    DescribeConformancePacks: read<sdk.DescribeConformancePacksRequest, sdk.DescribeConformancePacksResponse>(
      sdk.DescribeConformancePacks$,
      (request, call) => {
        const { items, more } = page(request, packsHere(call), call, PACKS_A_PAGE);
        return { ConformancePackDetails: items.map((name) => identityOf(name, call)), ...more };
      },
    ),
    DescribeConformancePackStatus: read<
      sdk.DescribeConformancePackStatusRequest,
      sdk.DescribeConformancePackStatusResponse
    >(sdk.DescribeConformancePackStatus$, (request, call) => {
      const { items, more } = page(request, packsHere(call), call, PACKS_A_PAGE);
      const details = items.map((name) => ({
        ...identityOf(name, call),
        StackArn: `arn:aws:cloudformation:${call.region}:${call.caller.account}:stack/awsconfigconforms-${name}/${uuidOf(name)}`,
        ConformancePackState:
          name === COMPLIANCE_PLANTS.endingPack ? ("DELETE_IN_PROGRESS" as const) : ("CREATE_COMPLETE" as const),
        LastUpdateRequestedTime: new Date(0),
      }));
      return { ConformancePackStatusDetails: details, ...more };
    }),
    DescribeConformancePackCompliance: read<
      sdk.DescribeConformancePackComplianceRequest,
      sdk.DescribeConformancePackComplianceResponse
    >(sdk.DescribeConformancePackCompliance$, (request, call) => {
      const { ConformancePackName = "" } = request;
      const { items, more } = page(request, rulesOf(ConformancePackName, call), call);
      const list = items.map(({ name }) => ({
        ConfigRuleName: name,
        ComplianceType: resultsHere(options, name, call).some(
          ({ ComplianceType }) => ComplianceType === "NON_COMPLIANT",
        )
          ? ("NON_COMPLIANT" as const)
          : ("COMPLIANT" as const),
      }));
      return { ConformancePackName, ConformancePackRuleComplianceList: list, ...more };
    }),
    GetConformancePackComplianceDetails: read<
      sdk.GetConformancePackComplianceDetailsRequest,
      sdk.GetConformancePackComplianceDetailsResponse
    >(sdk.GetConformancePackComplianceDetails$, (request, call) => {
      const { ConformancePackName = "" } = request;
      const results = rulesOf(ConformancePackName, call).flatMap(({ name }) =>
        resultsHere(options, name, call).map(toPackResult),
      );
      const { items, more } = page(request, results, call);
      return { ConformancePackName, ConformancePackRuleEvaluationResults: items, ...more };
    }),
  };
}

function identityOf(name: string, { caller, region }: OperationCall) {
  const id = `conformance-pack-${uuidOf(caller.account, name).slice(0, 9)}`;
  return {
    ConformancePackName: name,
    ConformancePackId: id,
    ConformancePackArn: `arn:aws:config:${region}:${caller.account}:conformance-pack/${name}/${id}`,
  };
}

function toPackResult(result: sdk.EvaluationResult): sdk.ConformancePackEvaluationResult {
  const { ComplianceType, EvaluationResultIdentifier, ConfigRuleInvokedTime, ResultRecordedTime, Annotation } = result;
  return {
    ComplianceType:
      ComplianceType === "COMPLIANT" || ComplianceType === "NON_COMPLIANT" ? ComplianceType : "INSUFFICIENT_DATA",
    EvaluationResultIdentifier,
    ConfigRuleInvokedTime,
    ResultRecordedTime,
    ...(Annotation === undefined ? {} : { Annotation }),
  };
}
