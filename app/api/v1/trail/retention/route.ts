import { readRetention } from "#lib/services/trail/retention/read-retention.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/trail/retention: how long each class of events is kept, what was dropped, what is due, and what holds. */
export function GET(): Promise<Response> {
  return answerRead((context) => readRetention(context));
}
