import { readId } from "#lib/http/read-input.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/slices/:id/publications: every version of a slice, newest first. */
export function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerRead(async (context) => listPublications(context, { sliceId: readId((await params).id) }));
}
