import { readId } from "#lib/http/read-input.ts";
import { endWaiver } from "#lib/services/waivers/end-waiver.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/waivers/:id: its failures are failures again. The waiver itself stays on record. */
export function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => endWaiver(context, { id: readId((await params).id) }));
}
