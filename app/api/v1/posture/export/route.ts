import { finished } from "node:stream/promises";
import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { respondStream } from "#lib/http/respond.ts";
import { copyEvaluations } from "#lib/services/posture/copy-evaluations.ts";
import { parseComplianceState, toPopulationQuery } from "#app/(dashboard)/compliance/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ framework: z.string().min(1).max(300) });

/** GET /api/v1/posture/export?framework=…: every evaluation that the map of /compliance counts, row by row, as CSV. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const search = new URL(request.url).searchParams;
    const { framework } = readParams(search, SCHEMA);
    const query = toPopulationQuery(parseComplianceState(paramsToRecord(search)), framework);
    // The answer begins with the first byte; what fails later breaks it off, so that nobody takes a part for the whole.
    return new Promise<Response>((resolve, reject) => {
      copyEvaluations(context, query, async (body) => {
        resolve(respondStream({ fileName: `${framework}.csv`, contentType: "text/csv; charset=utf-8", body }));
        await finished(body);
      }).catch(reject);
    });
  });
}
