import { respondStoredFile } from "#lib/http/respond.ts";
import { downloadReport } from "#lib/services/reports/download-report.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/reports/<id>/bundle: the zip. Who took it is logged. */
export function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerRead(async (context) =>
    respondStoredFile({
      ...(await downloadReport(context, { reportId: (await params).id })),
      contentType: "application/zip",
    }),
  );
}
