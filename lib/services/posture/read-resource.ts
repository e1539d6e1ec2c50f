import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { ResourceView } from "#lib/services/posture/posture-view.ts";

/** What every rule has said of a resource up to an instant. */
export async function readResource(
  context: ServiceContext,
  query: { resourceId: number; asOf: Date | null },
): Promise<ResourceView> {
  await authorise(context, "compliance:read", "posture");
  throw new AppError("internal", JSON.stringify(query));
}
