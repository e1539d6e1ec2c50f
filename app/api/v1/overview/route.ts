import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { readOverview } from "#lib/services/spend/read-overview.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ asOf: z.iso.datetime({ offset: true }).optional() });

/** GET /api/v1/overview */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    return readOverview(context, { asOf: asOf === undefined ? null : new Date(asOf) });
  });
}
