import { wholeSql } from "#lib/db/posture/population-sql.ts";
import { readBatches } from "#lib/db/posture/read-rows.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { openPopulation } from "#lib/services/posture/open-population.ts";
import type { EvaluationRow, PopulationQuery } from "#lib/services/posture/posture-view.ts";
import { toEvaluationRow } from "#lib/services/posture/to-evaluation-row.ts";

/**
 * The whole population in batches, in an order that never changes (rule, resource, source, part, from, by their names), in constant
 * memory. Needs "compliance:export"; a member gets the own team's.
 *
 * @throws AppError as `openPopulation`.
 */
export async function* streamEvaluations(
  context: ServiceContext,
  query: PopulationQuery,
): AsyncGenerator<EvaluationRow[]> {
  await authorise(context, "compliance:export", "posture");
  const population = await openPopulation(context, query);
  for await (const rows of readBatches(context.database.pool, wholeSql(population))) yield rows.map(toEvaluationRow);
}
