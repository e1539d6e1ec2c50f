import { readJson } from "#lib/http/read-input.ts";
import { overruleOwner } from "#lib/services/namespaces/overrule-owner.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/overrules: gives namespaces to a team, whatever is claimed about them. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => overruleOwner(context, await readJson(request)));
}
