import { readId } from "#lib/http/read-input.ts";
import { readDifference } from "#lib/services/slices/read-difference.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/publications/:id/difference: what a version changed, by team, service and account. */
export function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerRead(async (context) => readDifference(context, { publicationId: readId((await params).id) }));
}
