import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { respondFile } from "#lib/http/respond.ts";
import { exportUnused } from "#lib/services/sprawl/export-unused.ts";
import { parseSprawlState, toUnusedQuery } from "#app/(dashboard)/sprawl/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ format: z.enum(["csv", "xlsx"]) });

/** GET /api/v1/unused/export?format=csv: the list of /sprawl/unused to hand to the owners, whatever the page, as a file. */
export function GET(request: Request): Promise<Response> {
  return answerRead(async (context) => {
    const search = new URL(request.url).searchParams;
    const { format } = readParams(search, SCHEMA);
    const state = parseSprawlState(paramsToRecord(search));
    return respondFile(await exportUnused(context, toUnusedQuery(state), format));
  });
}
