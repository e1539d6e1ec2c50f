import { paramsToRecord } from "#lib/http/read-input.ts";
import { readUnused } from "#lib/services/sprawl/read-unused.ts";
import { parseSprawlState, toUnusedQuery } from "#app/(dashboard)/sprawl/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/unused: the namespaces that nothing uses, with the filters of /sprawl/unused. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    return readUnused(context, toUnusedQuery(parseSprawlState(params)));
  });
}
