import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { listActivity } from "#lib/services/activity/list-activity.ts";
import { answerRead } from "#app/_server/answer.ts";

const PAGE_SIZE = 100;

const SCHEMA = z.object({ before: z.string().regex(/^\d+$/).optional(), action: z.string().optional() });

/** GET /api/v1/activity: the log, newest first; `before` pages on. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { before, action } = readParams(new URL(request.url).searchParams, SCHEMA);
    return listActivity(context, { before: before ?? null, action: action ?? null, limit: PAGE_SIZE });
  });
}
