import { regionOf } from "#demo/estate/compliance-resources.ts";
import type { DeployedName } from "#demo/estate/compliance-rules.ts";
import { isRefused, verdictAt, type ConfigAccount, type PlannedEvaluation } from "#demo/estate/compliance.ts";
import { AGGREGATOR, sourceStatus } from "#demo/aws/config/aggregator.ts";
import { ruleView, standingRules } from "#demo/aws/config/results.ts";
import type { ConfigAnswer, DeployedRule, KnownResource } from "#lib/sources/aws-config/api-types.ts";
import { behindReason } from "#lib/sources/aws-config/open-aggregated.ts";
import { resourceKey, toItems } from "#lib/sources/aws-config/normalize.ts";
import { describeRule, ruleKeyOf } from "#lib/sources/aws-config/rule.ts";
import type { EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";

/**
 * What AWS Config has said of one account up to `now`, made by the source's own code from the answers that the server would have given: the
 * open items are those that a look at `now` reads, the others are what looks of the past would have read.
 *
 * @param range "ever", or only what is open "now".
 */
export function complianceReading(here: ConfigAccount, now: Date, range: "ever" | "now"): EvaluationReading {
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
  const refused = isRefused(here, now) ? behindReason(sourceStatus(here, now), AGGREGATOR.name) : null;
  // One batch: what is in memory already is handed over at once.
  async function* items(): AsyncGenerator<EvaluationItem[]> {
    const made = [...byKey].flatMap(([ruleKey, deployed]) =>
      here.evaluations
        .filter(({ rule }) => rule === deployed[0]?.rule)
        .flatMap((evaluation) => itemsOf(ruleKey, deployed, evaluation, { inventory, now, here, refused })),
    );
    yield range === "ever" ? made : refused === null ? made.filter(({ to }) => to === null) : [];
  }
  return {
    rules: [...byKey].map(([ruleKey, deployed]) =>
      describeRule(
        ruleKey,
        deployed.map((one) => deployedRule(here, one)),
      ),
    ),
    items: items(),
    unread: () => (refused === null ? [] : [...byKey.keys()].map((ruleKey) => ({ ruleKey, ...refused }))),
  };
}

function deployedRule({ account }: ConfigAccount, deployed: DeployedName): DeployedRule {
  const region = regionOf(account);
  return { name: deployed.name, region, definition: ruleView(deployed, account.id, region), packs: [] };
}

type Around = {
  inventory: ReadonlyMap<string, KnownResource>;
  now: Date;
  here: ConfigAccount;
  refused: { reason: string } | null;
};

function itemsOf(
  ruleKey: string,
  deployed: readonly DeployedName[],
  evaluation: PlannedEvaluation,
  { inventory, now, here, refused }: Around,
): EvaluationItem[] {
  const { rule, resource } = evaluation;
  const seenUntil = refused === null ? null : here.refusedFrom;
  const seen = evaluation.stretches
    .filter(({ from }) => from < (seenUntil ?? now))
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
      const end = to !== null && to <= (seenUntil ?? now) ? to : seenUntil;
      return made.map((item) => ({ ...item, to: end }));
    });
  if (refused === null || seenUntil === null) return seen;
  // What was there when it was last seen is unknown from then on.
  const last = seen.find(({ to }) => to?.getTime() === seenUntil.getTime());
  const isThen = verdictAt(evaluation, seenUntil) !== null;
  if (last === undefined || !isThen) return seen;
  return [...seen, { ...last, verdict: "unknown", note: refused.reason, evidence: null, from: seenUntil, to: null }];
}
