import { readPublicationDifference } from "#lib/db/publication-difference.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { DifferenceRow } from "#lib/services/sources/source-view.ts";

/** What a publication changed against the one before it, by team, service and account; largest change of billed cost first. */
export async function readDifference(
  context: ServiceContext,
  input: { publicationId: number },
): Promise<DifferenceRow[]> {
  await authorise(context, "sources:read", `publication ${input.publicationId}`);
  return readPublicationDifference(context.database.pool, input.publicationId);
}
