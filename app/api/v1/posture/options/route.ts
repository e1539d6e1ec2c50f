import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { listPostureOptions } from "#lib/services/posture/list-posture-options.ts";
import { POSTURE_OPTION_KINDS } from "#lib/services/posture/posture-option-view.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({
  kind: z.enum(POSTURE_OPTION_KINDS),
  asOf: z.iso.datetime({ offset: true }).optional(),
});

/** GET /api/v1/posture/options?kind=team: what compliance can be narrowed by. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { kind, asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    return listPostureOptions(context, { kind, asOf: asOf === undefined ? null : new Date(asOf) });
  });
}
