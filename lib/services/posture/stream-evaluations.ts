import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { EvaluationRow, PopulationQuery } from "#lib/services/posture/posture-view.ts";

/**
 * The whole population in batches, in an order that never changes (rule, resource, source, part, from), in constant memory. Needs
 * "compliance:export"; a member gets the own team's.
 */
export async function* streamEvaluations(
  context: ServiceContext,
  query: PopulationQuery,
): AsyncGenerator<EvaluationRow[]> {
  await authorise(context, "compliance:export", "posture");
  yield [];
  throw new AppError("internal", JSON.stringify(query));
}
