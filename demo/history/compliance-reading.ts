import { regionOf } from "#demo/estate/compliance-resources.ts";
import type { DeployedName } from "#demo/estate/compliance-rules.ts";
import type { ConfigAccount, PlannedEvaluation } from "#demo/estate/compliance.ts";
import { ruleView, standingRules } from "#demo/aws/config/results.ts";
import type { ConfigAnswer, DeployedRule, KnownResource } from "#lib/sources/aws-config/api-types.ts";
import { resourceKey, toItems } from "#lib/sources/aws-config/normalize.ts";
import { describeRule, ruleKeyOf } from "#lib/sources/aws-config/rule.ts";
import type { EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";

/**
 * All that AWS Config has ever said of one account up to `now`, made by the source's own code from the answers that the server would have
 * given: the open items are those that a look at `now` reads, the others are what looks of the past would have read.
 */
export function complianceReading(here: ConfigAccount, now: Date): EvaluationReading {
  const region = regionOf(here.account);
  const byKey = new Map<string, DeployedName[]>();
  for (const deployed of standingRules(here, region, new Date(now.getTime() - 1))) {
    const key = ruleKeyOf(deployedRule(here, deployed), {});
    byKey.set(key, [...(byKey.get(key) ?? []), deployed]);
  }
  const inventory = new Map<string, KnownResource>(
    here.resources.map(({ accountId, region: place, type, id, name }) => [
      resourceKey(accountId, place, type, id),
      { resourceName: name },
    ]),
  );
  async function* items(): AsyncGenerator<EvaluationItem[]> {
    for (const [ruleKey, deployed] of byKey)
      yield here.evaluations
        .filter(({ rule }) => rule === deployed[0]?.rule)
        .flatMap((evaluation) => itemsOf(ruleKey, deployed, evaluation, { inventory, now, here }));
  }
  return {
    rules: [...byKey].map(([ruleKey, deployed]) =>
      describeRule(
        ruleKey,
        deployed.map((one) => deployedRule(here, one)),
      ),
    ),
    items: items(),
    unread: () => [],
  };
}

function deployedRule({ account }: ConfigAccount, deployed: DeployedName): DeployedRule {
  const region = regionOf(account);
  return { name: deployed.name, region, definition: ruleView(deployed, account.id, region), packs: [] };
}

function itemsOf(
  ruleKey: string,
  deployed: readonly DeployedName[],
  { rule, resource, stretches }: PlannedEvaluation,
  around: { inventory: ReadonlyMap<string, KnownResource>; now: Date; here: ConfigAccount },
): EvaluationItem[] {
  const { inventory, now, here } = around;
  return stretches
    .filter(({ from }) => from < now)
    .flatMap(({ from, to, verdict }) => {
      const answers = deployed.map(({ name }): ConfigAnswer => ({
        ruleName: name,
        region: regionOf(here.account),
        resourceType: resource.type,
        resourceId: resource.id,
        complianceType: verdict,
        annotation: verdict === "NON_COMPLIANT" ? rule.annotation : null,
        mode: "DETECTIVE",
        recordedAt: from,
      }));
      const made = toItems(ruleKey, answers, { accountId: here.account.id, inventory }, now);
      return made.map((item) => ({ ...item, to: to !== null && to <= now ? to : null }));
    });
}
