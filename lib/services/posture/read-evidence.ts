import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { EvidenceView } from "#lib/services/posture/posture-view.ts";

/** What a source answered, word for word. */
export async function readEvidence(context: ServiceContext, query: { hash: string }): Promise<EvidenceView> {
  await authorise(context, "compliance:read", "posture");
  throw new AppError("internal", JSON.stringify(query));
}
