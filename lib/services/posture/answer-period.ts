import { readPeriodSpans, type RulePeriod } from "#lib/db/posture/period-spans.ts";
import type { Framework, FrameworkControl } from "#lib/domain/posture/framework.ts";
import { daysTouched, longestSpan, uniteSpans } from "#lib/domain/posture/spans.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { askedRules, openPopulation } from "#lib/services/posture/open-population.ts";
import type { ControlPeriod } from "#lib/services/posture/posture-period-view.ts";
import type { PostureFilters } from "#lib/services/posture/posture-view.ts";

/** What the controls were over a period: of one team ("" = of what nobody owns), or of everything that was asked for (null). */
export type PeriodAnswers = { teamKey: string | null; controls: ControlPeriod[] };

/**
 * What each asked control of a framework was over `[from, to)`, by what was known at its end, narrowed to what the actor may see. Once for
 * everything, or once for each team that had anything evaluated. The caller has authorised.
 */
export async function answerPeriod(
  context: ServiceContext,
  asked: { framework: Framework; from: Date; to: Date; filters: PostureFilters; isByTeam: boolean },
): Promise<PeriodAnswers[]> {
  const { framework, from, to, filters, isByTeam } = asked;
  const { pool } = context.database;
  const query = { frameworkId: framework.id, asOf: null, period: { from, to }, filters, verdicts: [] };
  const rules = await askedRules(pool, framework, filters);
  const spans = await readPeriodSpans(pool, { ...(await openPopulation(context, query)), from }, { isByTeam });
  const controlsOf = new Map(rules.map(({ ruleKey, controls }) => [ruleKey, new Set(controls)]));
  const wanted = framework.controls.filter(({ id }) => filters.controls.length === 0 || filters.controls.includes(id));
  const teams = isByTeam ? [...new Set(spans.map(({ teamKey }) => teamKey))].toSorted(byName) : [null];
  const byTeam = Map.groupBy(spans, ({ teamKey }) => teamKey);
  return teams.map((teamKey) => ({
    teamKey,
    controls: wanted.map((control) =>
      toControl(
        control,
        (byTeam.get(teamKey) ?? []).filter(({ ruleKey }) => controlsOf.get(ruleKey)?.has(control.id) === true),
      ),
    ),
  }));
}

function byName(one: string | null, other: string | null): number {
  return (one ?? "") < (other ?? "") ? -1 : 1;
}

function toControl(control: FrameworkControl, rules: readonly RulePeriod[]): ControlPeriod {
  const failed = uniteSpans(rules.map((rule) => rule.failed));
  const unknown = uniteSpans(rules.map((rule) => rule.unknown));
  const add = (count: (rule: RulePeriod) => number): number => rules.reduce((sum, rule) => sum + count(rule), 0);
  const failedDays = daysTouched(failed);
  const unknownDays = daysTouched(unknown);
  return {
    id: control.id,
    title: control.title,
    group: control.group,
    manual: control.manual,
    rules: rules.map(({ ruleKey }) => ruleKey),
    answer:
      rules.length === 0 ? "not-evaluated" : failedDays > 0 ? "failed" : unknownDays > 0 ? "not-known" : "all-the-time",
    failedDays,
    unknownDays,
    failed,
    unknown,
    longestMs: longestSpan(failed),
    resources: {
      all: add(({ resources }) => resources),
      failed: add(({ failedResources }) => failedResources),
      notKnown: add(({ unknownResources }) => unknownResources),
    },
  };
}
