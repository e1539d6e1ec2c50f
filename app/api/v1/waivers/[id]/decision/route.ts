import { z } from "zod";
import { readBody, readId } from "#lib/http/read-input.ts";
import { decideWaiver } from "#lib/services/waivers/decide-waiver.ts";
import { answerWrite } from "#app/_server/answer.ts";

const SCHEMA = z.looseObject({});

/** POST /api/v1/waivers/:id/decision: { decision: "approved" | "refused", note }. */
export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) =>
    decideWaiver(context, { ...(await readBody(request, SCHEMA)), id: readId((await params).id) }),
  );
}
