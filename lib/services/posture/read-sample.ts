import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { SampleQuery, SampleView } from "#lib/services/posture/posture-view.ts";

/** A random sample of a population, which anybody can draw again by its seed. */
export async function readSample(context: ServiceContext, query: SampleQuery): Promise<SampleView> {
  await authorise(context, "compliance:read", "posture");
  throw new AppError("internal", JSON.stringify(query));
}
