import { readBody } from "#lib/http/read-input.ts";
import { previewRule } from "#lib/services/rules/preview-rule.ts";
import { answerWrite } from "#app/_server/answer.ts";
import { RULE_DRAFT } from "#app/_server/rule-schema.ts";

/** POST /api/v1/rules/preview: what saving the rule would move. Changes nothing. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => previewRule(context, await readBody(request, RULE_DRAFT)));
}
