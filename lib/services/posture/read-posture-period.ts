import { readPeriodSpans, type RulePeriod } from "#lib/db/posture/period-spans.ts";
import type { FrameworkControl } from "#lib/domain/posture/framework.ts";
import { daysTouched, longestSpan, uniteSpans } from "#lib/domain/posture/spans.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { askedRules, openPopulation } from "#lib/services/posture/open-population.ts";
import type {
  ControlPeriod,
  PosturePeriodQuery,
  PosturePeriodView,
} from "#lib/services/posture/posture-period-view.ts";

const DAY_MS = 86_400_000;

/** A year and a month; longer periods are asked in parts. */
const MOST_DAYS = 400;

/**
 * Was each control met all the time, and if not, on how many days was it not? A failure counts whether it was waived or not: accepting a
 * risk does not make the thing compliant. Answered by what was known at the period's end. A member sees the own team's.
 *
 * @throws AppError "not_found" where there is no such framework, "invalid_input" where the period lies ahead or is too long.
 */
export async function readPosturePeriod(
  context: ServiceContext,
  { frameworkId, filters, ...asked }: PosturePeriodQuery,
): Promise<PosturePeriodView> {
  await authorise(context, "compliance:read", "posture");
  const { pool } = context.database;
  const framework = findFramework(frameworkId);
  const { from, to } = checkedPeriod(asked, context.now);
  const query = { frameworkId, asOf: null, period: { from, to }, filters, verdicts: [] };
  const rules = await askedRules(pool, framework, filters);
  const spans = await readPeriodSpans(pool, { ...(await openPopulation(context, query)), from });
  const controlsOf = new Map(rules.map(({ ruleKey, controls }) => [ruleKey, controls]));
  const wanted = framework.controls.filter(({ id }) => filters.controls.length === 0 || filters.controls.includes(id));
  return {
    framework: { id: framework.id, name: framework.name, version: framework.version },
    from: from.toISOString(),
    to: to.toISOString(),
    days: Math.ceil((to.getTime() - from.getTime()) / DAY_MS),
    controls: wanted.map((control) =>
      toControl(
        control,
        spans.filter(({ ruleKey }) => controlsOf.get(ruleKey)?.includes(control.id) === true),
      ),
    ),
  };
}

/** As much of the period as has been at the instant that it is read at. */
function checkedPeriod({ from, to, asOf }: Pick<PosturePeriodQuery, "from" | "to" | "asOf">, now: Date) {
  const limit = asOf !== null && asOf < now ? asOf : now;
  if (from >= limit)
    throw new AppError("invalid_input", "The period begins after the instant that it is read at.", {
      remedy: "Choose an earlier period, or a later instant.",
    });
  const end = to < limit ? to : limit;
  if (end.getTime() - from.getTime() > MOST_DAYS * DAY_MS)
    throw new AppError("invalid_input", `A period has at most ${MOST_DAYS} days.`, { remedy: "Ask in parts." });
  return { from, to: end };
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
