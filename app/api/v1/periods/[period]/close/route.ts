import { readPeriod } from "#lib/http/read-input.ts";
import { closePeriod } from "#lib/services/periods/close-period.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/periods/:period/close */
export function POST(request: Request, { params }: { params: Promise<{ period: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => closePeriod(context, { period: readPeriod((await params).period) }));
}
