import { z } from "zod";
import { day } from "#lib/domain/period.ts";
import { readParams } from "#lib/http/read-input.ts";
import { recentBillRange } from "#lib/services/api/bill-range.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ from: z.iso.date().transform(day).optional(), to: z.iso.date().transform(day).optional() });

/** GET /api/v1/api-bill: what the sources' API requests cost, from `from` until before `to`; otherwise the last three months. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const asked = readParams(new URL(request.url).searchParams, SCHEMA);
    const recent = recentBillRange(context.now);
    return listApiBill(context, { from: asked.from ?? recent.from, to: asked.to ?? recent.to });
  });
}
