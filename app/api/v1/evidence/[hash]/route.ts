import { readEvidence } from "#lib/services/posture/read-evidence.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/evidence/:hash: what a source answered, word for word. */
export function GET(_request: Request, { params }: { params: Promise<{ hash: string }> }): Promise<Response> {
  return answerRead(async (context) => readEvidence(context, { hash: (await params).hash }));
}
