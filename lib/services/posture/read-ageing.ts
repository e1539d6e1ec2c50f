import { readFailureGroups, readMostDue } from "#lib/db/posture/read-failures.ts";
import { DUE_DAYS } from "#lib/domain/posture/due-date.ts";
import type { Severity } from "#lib/domain/posture/verdict.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { labelOf } from "#lib/services/posture/lay-out.ts";
import { loadTeamNames, openPopulation } from "#lib/services/posture/open-population.ts";
import { MOST_DUE_ROWS, type AgeingQuery, type AgeingView } from "#lib/services/posture/posture-view.ts";
import { toEvaluationRow } from "#lib/services/posture/to-evaluation-row.ts";

/**
 * Failures that are open at an instant by team and severity, when they have to be resolved, and those that matter most. The clock of a
 * failure runs from when it failed without a break, whoever owned it. A member sees the own team's.
 *
 * @throws AppError "not_found" for a framework that is not there.
 */
export async function readAgeing(context: ServiceContext, query: AgeingQuery): Promise<AgeingView> {
  await authorise(context, "compliance:read", "posture");
  const { pool } = context.database;
  const at = query.asOf ?? context.now;
  const population = await openPopulation(context, { ...query, asOf: at, period: null, verdicts: ["fail"] });
  const names = await loadTeamNames(pool, at);
  const [groups, due] = await Promise.all([
    readFailureGroups(pool, population, DUE_DAYS),
    readMostDue(pool, population, { dueDays: DUE_DAYS, limit: MOST_DUE_ROWS }),
  ]);
  return {
    at: at.toISOString(),
    dueDays: { ...DUE_DAYS },
    rows: groups.map(({ severity, nextDue, oldestFrom, under7, under30, under90, over90, ...group }) => ({
      ...group,
      teamLabel: labelOf(group.teamKey, { by: "team", names }),
      severity: severity as Severity | null,
      nextDue: nextDue?.toISOString() ?? null,
      byAge: { under7, under30, under90, over90 },
      oldestFrom: oldestFrom?.toISOString() ?? null,
    })),
    due: due.map((row) => ({
      ...toEvaluationRow(row),
      dueAt: row["due"] instanceof Date ? row["due"].toISOString() : null,
    })),
  };
}
