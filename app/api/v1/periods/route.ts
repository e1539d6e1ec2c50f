import { listPeriods } from "#lib/services/periods/list-periods.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/periods: billing periods with cost, newest first, open or closed. */
export function GET(): Promise<Response> {
  return answerRead((context) => listPeriods(context));
}
