import { z } from "zod";
import { readBody } from "#lib/http/read-input.ts";
import { moveRule } from "#lib/services/rules/move-rule.ts";
import { answerWrite } from "#app/_server/answer.ts";

const SCHEMA = z.object({ position: z.number().int().min(0) });

/** POST /api/v1/rules/:id/move { position }: another place in the order; 0 = tried first. */
export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => {
    const { position } = await readBody(request, SCHEMA);
    return moveRule(context, { ruleId: (await params).id, position });
  });
}
