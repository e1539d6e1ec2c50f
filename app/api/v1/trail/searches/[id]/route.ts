import { readId } from "#lib/http/read-input.ts";
import { removeSearch } from "#lib/services/trail/search/remove-search.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/trail/searches/:id: it is no longer kept. */
export function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => removeSearch(context, { id: readId((await params).id) }));
}
