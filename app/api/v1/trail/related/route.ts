import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { listRelatedEvents } from "#lib/services/trail/search/list-related-events.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ account: z.string().min(1).max(200) });

/** GET /api/v1/trail/related?account=…: the ten newest events of an account. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { account } = readParams(new URL(request.url).searchParams, SCHEMA);
    return listRelatedEvents(context, { accountId: account });
  });
}
