import { readAccountNames } from "#lib/db/posture/account-names.ts";
import { readFrame } from "#lib/db/posture/read-frame.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import type { NumbersBy, NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import { readWorse } from "#lib/db/posture/read-numbers.ts";
import { coversOf } from "#lib/db/posture/read-waived.ts";
import { startOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { readWaivedCells } from "#lib/services/posture/count-waived.ts";
import { layOut, worsenings, type Columns } from "#lib/services/posture/lay-out.ts";
import { askedTeams, chooseRules, toTeamNames } from "#lib/services/posture/open-population.ts";
import {
  MOST_TREND_DAYS,
  type PostureColumn,
  type PostureGap,
  type PostureQuery,
  type PostureView,
} from "#lib/services/posture/posture-view.ts";
import { readCounts } from "#lib/services/posture/read-counts.ts";
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
  const begin = trendDays === 0 ? at : startOf(trendStart(at, trendDays));
  const frame = await readFrame(pool, { framework, from: begin, to: at });
  const { gaps, numbers } = frame;
  const rules = chooseRules(frame.ruleIds, framework, filters);
  const names = toTeamNames(frame.teams);
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
  const stretch = { from: begin, to: at };
  const waived = await readWaivedCells(numbers, question, {
    ...stretch,
    waived: {
      covers: coversOf(frame.accepted, question.ruleIds),
      failures: frame.failures.filter(({ ruleId }) => question.ruleIds.includes(ruleId)),
    },
  });
  const open = gaps.filter(({ to }) => to === null);
  const [worse, table, trend, accounts] = await Promise.all([
    readWorse(numbers, question, { from: new Date(at.getTime() - WEEK_MS), to: at }),
    readCounts(numbers, question, { at, gaps, waived }),
    readTrend(numbers, question, { at, trendDays, gaps, waived }),
    columnsBy === "account" ? readAccountNames(pool) : new Map<string, string>(),
  ]);
  const columns: Columns = { by: columnsBy, names, accounts };
  return {
    framework: { id: framework.id, name: framework.name, version: framework.version, publisher: framework.publisher },
    at: at.toISOString(),
    columnsBy,
    ...layOut(framework, { rules, table, columns, manual: frame.manual, controls: filters.controls }),
    trend,
    worse: worsenings(worse, { rules, table, columns }),
    gaps: open.map((gap) => toGap(gap, frame.reasons)),
    lastLook: frame.lastLook?.toISOString() ?? null,
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
