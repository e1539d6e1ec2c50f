import { readId } from "#lib/http/read-input.ts";
import { withdrawManualEvidence } from "#lib/services/manual-evidence/withdraw-manual-evidence.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/manual-evidence/:id: it counts no more. The file itself stays. */
export function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => withdrawManualEvidence(context, { id: readId((await params).id) }));
}
