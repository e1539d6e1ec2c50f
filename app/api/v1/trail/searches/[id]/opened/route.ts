import { readId } from "#lib/http/read-input.ts";
import { openSearch } from "#lib/services/trail/search/open-search.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/trail/searches/:id/opened: what is in the log now is no news of it. */
export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => openSearch(context, { id: readId((await params).id) }));
}
