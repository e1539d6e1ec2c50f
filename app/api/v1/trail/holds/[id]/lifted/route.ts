import { z } from "zod";
import { readBody, readId } from "#lib/http/read-input.ts";
import { liftHold } from "#lib/services/trail/retention/lift-hold.ts";
import { answerWrite } from "#app/_server/answer.ts";

const body = z.strictObject({ reason: z.string() });

/** POST /api/v1/trail/holds/:id/lifted: it holds nothing any more. */
export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => {
    const { reason } = await readBody(request, body);
    return liftHold(context, { id: readId((await params).id), reason });
  });
}
