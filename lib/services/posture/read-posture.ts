import { readGaps, readLastLook, readReasons, type PartGap } from "#lib/db/posture/read-gaps.ts";
import { readWorse, type NumbersBy, type NumbersQuestion } from "#lib/db/posture/read-numbers.ts";
import { readWaived } from "#lib/db/posture/read-waived.ts";
import { startOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { layOut, worsenings, type Columns } from "#lib/services/posture/lay-out.ts";
import { askedRules, askedTeams, loadTeamNames } from "#lib/services/posture/open-population.ts";
import {
  MOST_TREND_DAYS,
  type PostureColumn,
  type PostureGap,
  type PostureQuery,
  type PostureView,
} from "#lib/services/posture/posture-view.ts";
import { readCounts } from "#lib/services/posture/read-counts.ts";
import { readManual } from "#lib/services/posture/read-manual.ts";
import { readTrend, trendStart } from "#lib/services/posture/read-trend.ts";

const WEEK_MS = 7 * 86_400_000;

/** Business units are teams put together. */
const COUNTED_BY: Readonly<Record<PostureColumn, NumbersBy>> = {
  team: "team",
  unit: "team",
  account: "account",
  cluster: "cluster",
};

/**
 * The posture of a framework as of an instant: valid then, by what was known then. Controls by teams, accounts, clusters or business
 * units, the trend of the days before, and what got worse in a week. A member sees the own team's.
 *
 * @throws AppError "not_found" for a framework that is not there, "invalid_input" for a trend of more than MOST_TREND_DAYS.
 */
export async function readPosture(context: ServiceContext, query: PostureQuery): Promise<PostureView> {
  await authorise(context, "compliance:read", "posture");
  const { columnsBy, filters, trendDays } = query;
  if (trendDays < 0 || trendDays > MOST_TREND_DAYS)
    throw new AppError("invalid_input", `A trend has at most ${MOST_TREND_DAYS} days.`, { remedy: "Ask for fewer." });
  const { pool } = context.database;
  const at = query.asOf ?? context.now;
  const framework = findFramework(query.frameworkId);
  const [rules, names] = await Promise.all([askedRules(pool, framework, filters), loadTeamNames(pool, at)]);
  const orNull = (list: readonly string[]) => (list.length > 0 ? list : null);
  const question: NumbersQuestion = {
    ruleIds: rules.map(({ ruleId }) => ruleId),
    by: COUNTED_BY[columnsBy],
    teams: askedTeams(context, filters, names.units),
    accounts: orNull(filters.accounts),
    clusters: orNull(filters.clusters),
    environments: orNull(filters.environments),
    parts: null,
  };
  const begin = trendDays === 0 ? at : startOf(trendStart(at, trendDays));
  const [gaps, waived, worse, manual, lastLook] = await Promise.all([
    readGaps(pool, { from: begin, to: at }),
    readWaived(pool, { ruleIds: question.ruleIds, from: begin, to: at }),
    readWorse(pool, question, { from: new Date(at.getTime() - WEEK_MS), to: at }),
    readManual(pool, framework.id, at),
    readLastLook(pool, at),
  ]);
  const open = gaps.filter(({ to }) => to === null);
  const [table, trend, reasons] = await Promise.all([
    readCounts(pool, question, { at, gaps, waived }),
    readTrend(pool, question, { at, trendDays, gaps, waived }),
    readReasons(pool, open, at),
  ]);
  const columns: Columns = { by: columnsBy, names };
  return {
    framework: { id: framework.id, name: framework.name, version: framework.version, publisher: framework.publisher },
    at: at.toISOString(),
    columnsBy,
    ...layOut(framework, { rules, table, columns, manual, controls: filters.controls }),
    trend,
    worse: worsenings(worse, { rules, table, columns }),
    gaps: open.map((gap) => toGap(gap, reasons)),
    lastLook: lastLook?.toISOString() ?? null,
  };
}

export function toGap({ sourceKey, part, from, to }: PartGap, reasons: ReadonlyMap<string, string>): PostureGap {
  return {
    sourceKey,
    part,
    since: from.toISOString(),
    until: to?.toISOString() ?? null,
    reason: reasons.get(`${sourceKey} ${part}`) ?? null,
  };
}
