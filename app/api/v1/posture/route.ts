import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";
import { parseComplianceState, toPostureQuery } from "#app/(dashboard)/compliance/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ framework: z.string().min(1).max(300) });

/** GET /api/v1/posture?framework=…: the map of /compliance, with the page's own parameters. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const search = new URL(request.url).searchParams;
    const { framework } = readParams(search, SCHEMA);
    return readPosture(context, toPostureQuery(parseComplianceState(paramsToRecord(search)), framework));
  });
}
