import { readJson } from "#lib/http/read-input.ts";
import { previewReport } from "#lib/services/reports/preview-report.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/reports/preview: the first page, the number of rows and the gaps of a report that is not made. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => previewReport(context, await readJson(request)));
}
