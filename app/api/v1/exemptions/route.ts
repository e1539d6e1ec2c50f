import { readJson } from "#lib/http/read-input.ts";
import { exemptNamespaces } from "#lib/services/namespaces/exempt-namespaces.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/exemptions: namespaces that are kept although nothing uses them. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => exemptNamespaces(context, await readJson(request)));
}
