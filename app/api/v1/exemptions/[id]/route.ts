import { readId } from "#lib/http/read-input.ts";
import { endExemption } from "#lib/services/namespaces/end-exemption.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/exemptions/:id: the signs decide again. */
export function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => endExemption(context, { id: readId((await params).id) }));
}
