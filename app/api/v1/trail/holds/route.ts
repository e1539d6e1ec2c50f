import { readJson } from "#lib/http/read-input.ts";
import { placeHold } from "#lib/services/trail/retention/place-hold.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/trail/holds: places a legal hold. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => placeHold(context, await readJson(request)));
}
