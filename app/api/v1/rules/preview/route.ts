import { readJson } from "#lib/http/read-input.ts";
import { previewRule } from "#lib/services/rules/preview-rule.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/rules/preview: what saving the rule would move. Changes nothing. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => previewRule(context, await readJson(request)));
}
