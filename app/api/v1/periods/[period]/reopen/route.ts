import { readPeriod } from "#lib/http/read-input.ts";
import { reopenPeriod } from "#lib/services/periods/reopen-period.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/periods/:period/reopen */
export function POST(request: Request, { params }: { params: Promise<{ period: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => reopenPeriod(context, { period: readPeriod((await params).period) }));
}
