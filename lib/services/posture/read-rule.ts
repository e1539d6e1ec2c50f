import { countSql, rowsSql } from "#lib/db/posture/population-sql.ts";
import { readGaps, readReasons } from "#lib/db/posture/read-gaps.ts";
import { readWaived } from "#lib/db/posture/read-waived.ts";
import { WIDTH } from "#lib/db/posture/read-numbers.ts";
import { openNumbers } from "#lib/db/posture/number-blocks.ts";
import type { NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import { readRuleDescriptions } from "#lib/db/posture/rule-descriptions.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { readWaivedCells } from "#lib/services/posture/count-waived.ts";
import { addPlace, countsAt, noCounts } from "#lib/services/posture/counts.ts";
import { openPopulation } from "#lib/services/posture/open-population.ts";
import { MOST_RULE_ROWS, type RuleQuery, type RuleView } from "#lib/services/posture/posture-view.ts";
import { readCounts } from "#lib/services/posture/read-counts.ts";
import { toGap } from "#lib/services/posture/read-posture.ts";
import { toEvaluationRow } from "#lib/services/posture/to-evaluation-row.ts";

/** Failures first, then what is not known: what somebody has to do something about. */
const BY_URGENCY = `array_position(ARRAY['fail', 'unknown', 'pass', 'not_applicable'], x.verdict), x.kind COLLATE "C", x.resource_key COLLATE "C",
  x.source_key COLLATE "C", x.part COLLATE "C"`;

/**
 * What a rule says of its resources at an instant: how many there are of each kind, and one page of them. A member sees the own team's.
 *
 * @throws AppError "not_found" where no source has ever reported the rule, "invalid_input" for a page of more than MOST_RULE_ROWS.
 */
export async function readRule(context: ServiceContext, query: RuleQuery): Promise<RuleView> {
  await authorise(context, "compliance:read", "posture");
  const { ruleKey, filters, verdicts, offset, limit } = query;
  if (limit < 1 || limit > MOST_RULE_ROWS || offset < 0)
    throw new AppError("invalid_input", `A page has 1 to ${MOST_RULE_ROWS} rows.`, { remedy: "Ask for fewer." });
  const { pool } = context.database;
  const at = query.asOf ?? context.now;
  const population = await openPopulation(context, {
    frameworkId: null,
    asOf: at,
    period: null,
    filters: { ...filters, rules: [ruleKey], controls: [] },
    verdicts,
  });
  if (population.ruleIds.length === 0)
    throw new AppError("not_found", `No source has reported the rule ${ruleKey}.`, { remedy: "Check its name." });
  const question: NumbersQuestion = { ...population, by: null, parts: null };
  const counting = countSql(population);
  const reading = rowsSql(population, { order: BY_URGENCY });
  const [gaps, waived, counted, page, descriptions] = await Promise.all([
    readGaps(pool, { from: at, to: at }),
    readWaived(pool, { ruleIds: population.ruleIds, from: at, to: at }),
    pool.query<{ n: number }>(counting.text, counting.values),
    pool.query<Record<string, unknown>>(`SELECT * FROM (${reading.text}) paged LIMIT $11 OFFSET $12`, [
      ...reading.values,
      limit,
      offset,
    ]),
    readRuleDescriptions(pool, ruleKey, at),
  ]);
  const numbers = await openNumbers(pool);
  const waivedCells = await readWaivedCells(numbers, question, { waived, from: at, to: at });
  const table = await readCounts(numbers, question, { at, gaps, waived: waivedCells });
  const sum = new Int32Array(WIDTH);
  for (const row of table.byRule.values())
    for (let place = 0; place * WIDTH < row.length; place += 1) addPlace(sum, 0, row, place);
  const parts = new Set(descriptions.map(({ sourceKey, part }) => `${sourceKey} ${part}`));
  const own = gaps.filter(({ sourceKey, part }) => parts.has(`${sourceKey} ${part}`));
  const reasons = await readReasons(pool, own, at);
  return {
    ruleKey,
    at: at.toISOString(),
    descriptions: distinct(descriptions),
    counts: countsAt(sum, 0) ?? noCounts(),
    rows: page.rows.map(toEvaluationRow),
    total: counted.rows[0]?.n ?? 0,
    offset,
    limit,
    gaps: own.map((gap) => toGap(gap, reasons)),
  };
}

/** A rule of a hundred accounts is described a hundred times in the same words. */
function distinct(descriptions: RuleView["descriptions"]): RuleView["descriptions"] {
  const seen = new Map<string, RuleView["descriptions"][number]>();
  for (const one of descriptions) {
    const words = JSON.stringify([one.sourceKey, one.title, one.description, one.severity, one.remedy, one.details]);
    if (!seen.has(words)) seen.set(words, one);
  }
  return [...seen.values()];
}
