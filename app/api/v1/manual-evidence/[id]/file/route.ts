import { readId } from "#lib/http/read-input.ts";
import { respondFile } from "#lib/http/respond.ts";
import { readManualEvidence } from "#lib/services/manual-evidence/read-manual-evidence.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/manual-evidence/:id/file: the file as it was brought, to save; no browser shows or runs it as a page of ours. */
export function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerRead(async (context) => {
    const answer = respondFile(await readManualEvidence(context, { id: readId((await params).id) }));
    answer.headers.set("X-Content-Type-Options", "nosniff");
    answer.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    return answer;
  });
}
