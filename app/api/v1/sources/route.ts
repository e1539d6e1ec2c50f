import { listSources } from "#lib/services/sources/list-sources.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/sources */
export function GET(): Promise<Response> {
  return answerRead((context) => listSources(context));
}
