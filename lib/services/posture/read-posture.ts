import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { PostureQuery, PostureView } from "#lib/services/posture/posture-view.ts";

/** Posture of a framework at an instant. A member sees the own team's. */
export async function readPosture(context: ServiceContext, query: PostureQuery): Promise<PostureView> {
  await authorise(context, "compliance:read", "posture");
  throw new AppError("internal", JSON.stringify(query));
}
