import { z } from "zod";
import { readJson, readParams } from "#lib/http/read-input.ts";
import { listReports } from "#lib/services/reports/list-reports.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

const PAGE_SIZE = 50;

const SCHEMA = z.object({ before: z.iso.datetime().optional() });

/** GET /api/v1/reports: the newest first; `before` pages on. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { before } = readParams(new URL(request.url).searchParams, SCHEMA);
    return listReports(context, { limit: PAGE_SIZE, before: before ?? null });
  });
}

/** POST /api/v1/reports: asks for one. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => requestReport(context, await readJson(request)));
}
