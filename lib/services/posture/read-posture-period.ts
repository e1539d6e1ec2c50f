import type { SqlExecutor } from "#lib/db/activity.ts";
import { readPeriodSpans, type PeriodFilters, type RulePeriod } from "#lib/db/posture/period-spans.ts";
import { dayOf } from "#lib/domain/period.ts";
import { isRuleMeant, type FrameworkControl } from "#lib/domain/posture/framework.ts";
import { daysTouched, longestSpan, uniteSpans } from "#lib/domain/posture/spans.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import type {
  ControlPeriod,
  PosturePeriodQuery,
  PosturePeriodView,
} from "#lib/services/posture/posture-period-view.ts";
import type { PostureFilters } from "#lib/services/posture/posture-view.ts";

const DAY_MS = 86_400_000;

/** A year and its leap day; longer periods are asked in parts. */
const MOST_DAYS = 400;

/**
 * Was each control met all the time, and if not, on how many days was it not? A failure counts whether it was waived or not: accepting a
 * risk does not make the thing compliant. A member sees the own team's.
 *
 * @throws AppError "not_found" where there is no such framework, "invalid_input" where the period lies ahead or is too long.
 */
export async function readPosturePeriod(
  context: ServiceContext,
  query: PosturePeriodQuery,
): Promise<PosturePeriodView> {
  await authorise(context, "compliance:read", "posture");
  const framework = findFramework(query.frameworkId);
  const { pool } = context.database;
  const { from, to, knownAt } = checkedPeriod(query, context.now);
  const wanted = framework.controls.filter(
    ({ id }) => query.filters.controls.length === 0 || query.filters.controls.includes(id),
  );
  const { rows } = await pool.query<{ rule_key: string }>(
    "SELECT DISTINCT rule_key FROM posture_cell ORDER BY rule_key",
  );
  const asked = query.filters.rules;
  const reported = rows.map((row) => row.rule_key).filter((key) => asked.length === 0 || asked.includes(key));
  const rulesOf = new Map(
    wanted.map((control) => [
      control.id,
      reported.filter((rule) => control.rules.some((one) => isRuleMeant(one, rule))),
    ]),
  );
  const filters = await toPeriodFilters(pool, context, query.filters, knownAt);
  const rules = [...new Set([...rulesOf.values()].flat())];
  const spans = await readPeriodSpans(pool, { from, to, knownAt, rules, filters });
  const byRule = new Map(spans.map((one) => [one.ruleKey, one]));
  return {
    framework: { id: framework.id, name: framework.name, version: framework.version },
    from: from.toISOString(),
    to: to.toISOString(),
    knownAt: knownAt.toISOString(),
    days: Math.ceil((to.getTime() - from.getTime()) / DAY_MS),
    controls: wanted.map((control) =>
      toControl(
        control,
        (rulesOf.get(control.id) ?? []).flatMap((rule) => byRule.get(rule) ?? []),
      ),
    ),
  };
}

function checkedPeriod({ from, to, asOf }: PosturePeriodQuery, now: Date): { from: Date; to: Date; knownAt: Date } {
  const limit = asOf !== null && asOf < now ? asOf : now;
  if (from >= limit)
    throw new AppError("invalid_input", "The period begins after the instant that it is read at.", {
      remedy: "Choose an earlier period, or a later instant.",
    });
  const end = to < limit ? to : limit;
  if (end.getTime() - from.getTime() > MOST_DAYS * DAY_MS)
    throw new AppError("invalid_input", `A period has at most ${MOST_DAYS} days.`, { remedy: "Ask in parts." });
  return { from, to: end, knownAt: asOf === null ? end : limit };
}

/** Business units are those teams that belonged to them when it was known. */
async function toPeriodFilters(
  sql: SqlExecutor,
  { actor }: ServiceContext,
  filters: PostureFilters,
  at: Date,
): Promise<PeriodFilters> {
  const listed = (values: readonly string[]): readonly string[] | null => (values.length === 0 ? null : values);
  let teams = listed(filters.teams);
  if (filters.units.length > 0) {
    const { rows } = await sql.query(
      `SELECT DISTINCT team_key FROM team_membership WHERE business_unit_key = ANY($1)
         AND (valid_from IS NULL OR valid_from <= $2) AND (valid_to IS NULL OR valid_to > $2)`,
      [filters.units, dayOf(at)],
    );
    const own = rows.map((row) => String(row.team_key));
    teams = teams === null ? own : teams.filter((team) => own.includes(team));
  }
  if (actor.role === "member") {
    const own = actor.teamKey ?? "";
    teams = own !== "" && (teams === null || teams.includes(own)) ? [own] : [];
  }
  return {
    teams,
    accounts: listed(filters.accounts),
    clusters: listed(filters.clusters),
    environments: listed(filters.environments),
  };
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
    severity: control.severity ?? null,
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
