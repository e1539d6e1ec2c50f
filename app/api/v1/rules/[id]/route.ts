import { removeRule } from "#lib/services/rules/remove-rule.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/rules/:id */
export function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => removeRule(context, { ruleId: (await params).id }));
}
