import { readJson } from "#lib/http/read-input.ts";
import { listRules } from "#lib/services/rules/list-rules.ts";
import { saveRule } from "#lib/services/rules/save-rule.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

/** GET /api/v1/rules: the rules in force, in order. */
export function GET(): Promise<Response> {
  return answerRead((context) => listRules(context));
}

/** POST /api/v1/rules: saves a rule, new or changed, and has the open periods allocated again. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => saveRule(context, await readJson(request)));
}
