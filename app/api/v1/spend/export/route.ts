import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { respondFile } from "#lib/http/respond.ts";
import { exportSpend } from "#lib/services/spend/export-spend.ts";
import { parseSpendState, toSpendQuery } from "#app/(dashboard)/spend/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ format: z.enum(["csv", "xlsx"]) });

/** GET /api/v1/spend/export?format=csv: what /spend shows, with every decimal, as a file. */
export function GET(request: Request): Promise<Response> {
  return answerRead(async (context) => {
    const search = new URL(request.url).searchParams;
    const { format } = readParams(search, SCHEMA);
    const query = toSpendQuery(parseSpendState(paramsToRecord(search), context.now));
    return respondFile(await exportSpend(context, query, format));
  });
}
