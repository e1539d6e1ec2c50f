import { startOf, type Day } from "#lib/domain/period.ts";
import type { CloudAccount } from "#demo/estate/accounts.ts";
import {
  COMPLIANCE_PLANTS,
  deployedRules,
  plannedRules,
  type DeployedName,
  type PlannedRule,
} from "#demo/estate/compliance-rules.ts";
import { resourcesOf, type PlannedResource } from "#demo/estate/compliance-resources.ts";
import { clustersOf } from "#demo/estate/clusters.ts";
import { drawFailures } from "#demo/estate/failures.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { randomFor } from "#demo/estate/random.ts";

/** AWS Config's words for a verdict. */
export type PlannedVerdict = "COMPLIANT" | "NON_COMPLIANT" | "NOT_APPLICABLE" | "INSUFFICIENT_DATA";

/** One rule and one resource over all time: every instant of the resource's life is in one stretch. */
export type PlannedEvaluation = {
  rule: PlannedRule;
  resource: PlannedResource;
  stretches: { from: Date; to: Date | null; verdict: PlannedVerdict }[];
};

/** What AWS Config knows of one account. */
export type ConfigAccount = {
  account: CloudAccount;
  /** False where nobody turned AWS Config on. */
  isOn: boolean;
  /** From when on the aggregator is refused there, so that nothing that it has is of now; null = never. */
  refusedFrom: Date | null;
  /** Half-open: when the account was there. */
  from: Date | null;
  to: Date | null;
  rules: DeployedName[];
  resources: PlannedResource[];
  evaluations: PlannedEvaluation[];
};

const NOT_APPLICABLE_PER_MILLE = 15;

const known = new WeakMap<object, ConfigAccount[]>();

/** The AWS accounts of the organisation with their rules and what these say, ever. The same estate gives the same. */
export function complianceOf(estate: Estate): ConfigAccount[] {
  const made = known.get(estate) ?? makeCompliance(estate);
  known.set(estate, made);
  return made;
}

function makeCompliance(estate: Estate): ConfigAccount[] {
  const rules = plannedRules(estate.calendar);
  const clusters = clustersOf(estate);
  const lastWhole = estate.calendar.periods.at(-2) ?? "";
  const members = new Set(estate.awsOrganization.accounts.map(({ id }) => id));
  return estate.accounts
    .filter(({ provider, id }) => provider === "AWS" && members.has(id))
    .map((account) => {
      const isOn = account.name !== COMPLIANCE_PLANTS.withoutConfig;
      const deployed = isOn ? deployedRules(account, rules) : [];
      const resources = isOn ? resourcesOf(estate.seed, account, clusters) : [];
      const wanted = [...new Set(deployed.map(({ rule }) => rule))];
      return {
        account,
        isOn,
        refusedFrom: account.name === COMPLIANCE_PLANTS.refusing ? startOf(`${lastWhole}-01` as Day) : null,
        from: account.opened === null ? null : startOf(account.opened),
        to: account.closed === null ? null : startOf(account.closed),
        rules: deployed,
        resources,
        evaluations: wanted.flatMap((rule) =>
          resources
            .filter(({ type }) => type === rule.resourceType)
            .map((resource) => ({ rule, resource, stretches: stretchesOf(estate, rule, resource, account) })),
        ),
      };
    });
}

function stretchesOf(
  { seed, calendar }: Pick<Estate, "seed" | "calendar">,
  rule: PlannedRule,
  resource: PlannedResource,
  account: CloudAccount,
): PlannedEvaluation["stretches"] {
  const random = randomFor(seed, "compliance", rule.identifier, resource.accountId, resource.id);
  // Nobody evaluated anything before the history begins.
  const days = [rule.from ?? calendar.start, account.opened ?? calendar.start].toSorted();
  const first = startOf(days.at(-1) ?? calendar.start);
  const begin = first < resource.from ? resource.from : first;
  const ends = [resource.to, account.closed === null ? null : startOf(account.closed)].filter((end) => end !== null);
  const last = ends.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
  const well: PlannedVerdict = random.perMille(NOT_APPLICABLE_PER_MILLE) ? "NOT_APPLICABLE" : "COMPLIANT";
  const stretches: PlannedEvaluation["stretches"] = [];
  let at = begin;
  const until = (to: Date | null, verdict: PlannedVerdict) => {
    const end = last !== null && (to === null || to > last) ? last : to;
    if (end !== null && end <= at) return;
    stretches.push({ from: at, to: end, verdict });
    at = end ?? at;
  };
  for (const { from, to, isUnknown } of drawFailures(random, rule.failing)) {
    if (well !== "COMPLIANT" || to <= at) continue;
    until(from, well);
    until(to, isUnknown ? "INSUFFICIENT_DATA" : "NON_COMPLIANT");
  }
  until(null, well);
  return stretches;
}

/**
 * What AWS Config corrects: some of what it said is met has failed all the while. Of what is asked for, every so many of what is compliant at an
 * instant; from then on the estate is planned as if it had always been so.
 *
 * @returns how many were corrected.
 */
export function correctPast(evaluations: readonly PlannedEvaluation[], at: Date, every: number): number {
  const compliant = evaluations.filter((one) => verdictAt(one, at)?.verdict === "COMPLIANT");
  const corrected = compliant.filter((_, index) => index % every === 0);
  for (const { stretches } of corrected)
    for (const stretch of stretches)
      if (stretch.from <= at && (stretch.to === null || at < stretch.to)) stretch.verdict = "NON_COMPLIANT";
  return corrected.length;
}

/** What AWS Config says of one rule and resource at an instant, and since when; null where one of the two is not there. */
export function verdictAt(
  { rule, resource, stretches }: PlannedEvaluation,
  at: Date,
): { verdict: PlannedVerdict; since: Date } | null {
  if (!isThere(resource, at) || !isRuleThere(rule, at)) return null;
  const found = stretches.find(({ from, to }) => from <= at && (to === null || at < to));
  return found ? { verdict: found.verdict, since: found.from } : null;
}

export function isThere({ from, to }: { from: Date | null; to: Date | null }, at: Date): boolean {
  return (from === null || from <= at) && (to === null || at < to);
}

export function isRuleThere({ from }: PlannedRule, at: Date): boolean {
  return from === null || startOf(from) <= at;
}

/** True from when on nobody may see what AWS Config says there. */
export function isRefused({ refusedFrom }: Pick<ConfigAccount, "refusedFrom">, at: Date): boolean {
  return refusedFrom !== null && refusedFrom <= at;
}

/** When the past was looked at: on the first of each month, at four in the morning, up to and with the last before `now`. */
export function pastLooks({ calendar }: Pick<Estate, "calendar">, now: Date): Date[] {
  return calendar.periods
    .map((period) => new Date(startOf(`${period}-01` as Day).getTime() + 4 * 3_600_000))
    .filter((at) => at < now);
}
