import { readGaps, readReasons } from "#lib/db/posture/read-gaps.ts";
import { rowsSql } from "#lib/db/posture/population-sql.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { EVERY_RULE, openPopulation } from "#lib/services/posture/open-population.ts";
import type { EvaluationRow, ResourceView } from "#lib/services/posture/posture-view.ts";
import { toGap } from "#lib/services/posture/read-posture.ts";
import { toEvaluationRow } from "#lib/services/posture/to-evaluation-row.ts";

/** A resource of a year that changes every day has fewer. */
const MOST_STRETCHES = 2_000;

const NEWEST_FIRST = `x.rule_key COLLATE "C", x.valid_from DESC, x.source_key COLLATE "C", x.part COLLATE "C"`;
/** Before it there were no clouds. */
const BEGINNING = new Date("2000-01-01T00:00:00Z");

/**
 * What every rule has said of a resource up to an instant, by what was known then. A member sees the stretches in which it was the own
 * team's.
 *
 * @throws AppError "not_found" where there is nothing of it that the actor may see.
 */
export async function readResource(
  context: ServiceContext,
  { resourceId, asOf }: { resourceId: number; asOf: Date | null },
): Promise<ResourceView> {
  await authorise(context, "compliance:read", "posture");
  const { pool } = context.database;
  const at = asOf ?? context.now;
  // One millisecond more, for a period ends before its end and the instant itself counts.
  const period = { from: BEGINNING, to: new Date(at.getTime() + 1) };
  const population = { ...(await openPopulation(context, { ...EVERY_RULE, asOf: at, period })), resourceId };
  const reading = rowsSql({ ...population, known: period.to }, { order: NEWEST_FIRST });
  const { rows } = await pool.query<Record<string, unknown>>(`SELECT * FROM (${reading.text}) found LIMIT $11`, [
    ...reading.values,
    MOST_STRETCHES + 1,
  ]);
  const stretches = rows.slice(0, MOST_STRETCHES).map(toEvaluationRow);
  const resource = stretches[0]?.resource;
  if (!resource)
    throw new AppError("not_found", `There is no resource ${resourceId}.`, { remedy: "Go back to the list." });
  const parts = new Set(stretches.map(({ sourceKey, part }) => `${sourceKey} ${part}`));
  const gaps = (await readGaps(pool, { from: BEGINNING, to: at })).filter(({ sourceKey, part }) =>
    parts.has(`${sourceKey} ${part}`),
  );
  const reasons = await readReasons(pool, gaps, at);
  return {
    resource,
    at: at.toISOString(),
    rules: [...Map.groupBy(stretches, ({ ruleKey }) => ruleKey)].map(([ruleKey, own]) => toRule(ruleKey, own)),
    gaps: gaps.map((gap) => toGap(gap, reasons)),
    isCut: rows.length > MOST_STRETCHES,
  };
}

function toRule(ruleKey: string, stretches: EvaluationRow[]): ResourceView["rules"][number] {
  const now = stretches.find(({ to }) => to === null) ?? null;
  const newest = stretches[0];
  return { ruleKey, title: newest?.ruleTitle ?? ruleKey, severity: newest?.severity ?? null, now, stretches };
}
