import { readId } from "#lib/http/read-input.ts";
import { endOverrule } from "#lib/services/namespaces/end-overrule.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/overrules/:id: the claims decide again. */
export function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => endOverrule(context, { id: readId((await params).id) }));
}
