import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { respondFile } from "#lib/http/respond.ts";
import { exportSample } from "#lib/services/posture/export-sample.ts";
import { parseComplianceState, toSampleQuery, VERDICTS } from "#app/(dashboard)/compliance/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({
  framework: z.string().min(1).max(300).optional(),
  size: z.coerce.number(),
  seed: z.string().max(2_200),
  verdict: z.enum(VERDICTS).optional(),
});

/** GET /api/v1/posture/sample/export?framework=…&size=25&seed=…: the sample that /compliance/sample shows, as CSV. */
export function GET(request: Request): Promise<Response> {
  return answerRead(async (context) => {
    const search = new URL(request.url).searchParams;
    const { framework: frameworkId = null, size, seed, verdict } = readParams(search, SCHEMA);
    const state = parseComplianceState(paramsToRecord(search));
    const verdicts = verdict === undefined ? [] : [verdict];
    return respondFile(await exportSample(context, toSampleQuery(state, { frameworkId, size, seed, verdicts })));
  });
}
