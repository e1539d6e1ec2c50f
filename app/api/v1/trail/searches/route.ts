import { readJson } from "#lib/http/read-input.ts";
import { listSavedSearches } from "#lib/services/trail/search/list-saved-searches.ts";
import { saveSearch } from "#lib/services/trail/search/save-search.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

/** GET /api/v1/trail/searches: those that the signed-in person keeps, with what is new. */
export function GET(): Promise<Response> {
  return answerRead((context) => listSavedSearches(context));
}

/** POST /api/v1/trail/searches: keeps one under a name. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => saveSearch(context, await readJson(request)));
}
