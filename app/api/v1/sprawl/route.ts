import { paramsToRecord } from "#lib/http/read-input.ts";
import { readSprawl } from "#lib/services/sprawl/read-sprawl.ts";
import { parseSprawlState, toSprawlQuery } from "#app/(dashboard)/sprawl/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/sprawl: what exists, how it grows and the first page of the list, with the filters of /sprawl. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    return readSprawl(context, toSprawlQuery(parseSprawlState(params)));
  });
}
