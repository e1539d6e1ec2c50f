import { paramsToRecord } from "#lib/http/read-input.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import { parseSprawlState, toSprawlQuery } from "#app/(dashboard)/sprawl/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/namespaces: one page of the list, with the filters, order and first row of /sprawl. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    return listNamespaces(context, toSprawlQuery(parseSprawlState(params)));
  });
}
