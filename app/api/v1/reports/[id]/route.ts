import { readReport } from "#lib/services/reports/read-report.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/reports/<id>: its state, and how far it is. */
export function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerRead(async (context) => readReport(context, { reportId: (await params).id }));
}
