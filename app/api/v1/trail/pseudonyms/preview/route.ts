import { readJson } from "#lib/http/read-input.ts";
import { previewPseudonym } from "#lib/services/trail/people/preview-pseudonym.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/trail/pseudonyms/preview: where a person is in the trail. It changes nothing; names do not belong into an address. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => previewPseudonym(context, await readJson(request)));
}
