import type * as sdk from "@aws-sdk/client-config-service";
import type { DeployedName } from "#demo/estate/compliance-rules.ts";
import { isRuleThere, isThere, verdictAt, type ConfigAccount } from "#demo/estate/compliance.ts";
import { regionOf } from "#demo/estate/compliance-resources.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** The rules of an account in one region at an instant; none where AWS Config is off, or in another region. */
export function standingRules(here: ConfigAccount | null, region: string, at: Date): DeployedName[] {
  if (here === null || !isThere(here, at) || regionOf(here.account) !== region) return [];
  return here.rules.filter(({ rule }) => isRuleThere(rule, at));
}

/** What one rule says of each resource. */
export function resultsOf(
  here: ConfigAccount | null,
  ruleName: string,
  region: string,
  at: Date,
): sdk.EvaluationResult[] {
  const deployed = standingRules(here, region, at).find(({ name }) => name === ruleName);
  if (here === null || deployed === undefined) return [];
  return here.evaluations
    .filter(({ rule }) => rule === deployed.rule)
    .flatMap((evaluation): sdk.EvaluationResult[] => {
      const said = verdictAt(evaluation, at);
      if (said === null) return [];
      const { resource, rule } = evaluation;
      return [
        {
          EvaluationResultIdentifier: {
            EvaluationResultQualifier: {
              ConfigRuleName: ruleName,
              ResourceType: resource.type,
              ResourceId: resource.id,
              EvaluationMode: "DETECTIVE",
            },
            OrderingTimestamp: said.since,
          },
          ComplianceType: said.verdict,
          ResultRecordedTime: said.since,
          ConfigRuleInvokedTime: said.since,
          ...(said.verdict === "NON_COMPLIANT" && rule.annotation !== null ? { Annotation: rule.annotation } : {}),
        },
      ];
    });
}

export function ruleView({ name, rule, createdBy }: DeployedName, accountId: string, region: string): sdk.ConfigRule {
  const id = `config-rule-${uuidOf(accountId, name).slice(0, 6)}`;
  return {
    ConfigRuleName: name,
    ConfigRuleArn: `arn:aws:config:${region}:${accountId}:config-rule/${id}`,
    ConfigRuleId: id,
    Description: `Halvern's controls ask for it: ${rule.identifier.toLowerCase().replaceAll("_", " ").replaceAll("-", " ")}.`,
    Scope: { ComplianceResourceTypes: [rule.resourceType] },
    Source: rule.isManaged
      ? { Owner: "AWS", SourceIdentifier: rule.identifier }
      : {
          Owner: "CUSTOM_LAMBDA",
          SourceIdentifier: `arn:aws:lambda:${region}:${accountId}:function:${rule.identifier}`,
        },
    ConfigRuleState: "ACTIVE",
    ...(createdBy === null ? {} : { CreatedBy: createdBy }),
    EvaluationModes: [{ Mode: "DETECTIVE" }],
  };
}
