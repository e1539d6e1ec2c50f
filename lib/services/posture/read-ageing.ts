import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { AgeingQuery, AgeingView } from "#lib/services/posture/posture-view.ts";

/** Open failures by team and severity, and when they have to be resolved. */
export async function readAgeing(context: ServiceContext, query: AgeingQuery): Promise<AgeingView> {
  await authorise(context, "compliance:read", "posture");
  throw new AppError("internal", JSON.stringify(query));
}
