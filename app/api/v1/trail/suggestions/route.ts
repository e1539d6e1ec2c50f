import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { suggestTerms } from "#lib/services/trail/search/suggest-terms.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ text: z.string().max(500) });

/** GET /api/v1/trail/suggestions?text=…: what the last word of a search may mean. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => suggestTerms(context, readParams(new URL(request.url).searchParams, SCHEMA)));
}
