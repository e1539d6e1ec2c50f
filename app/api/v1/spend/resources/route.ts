import { paramsToRecord } from "#lib/http/read-input.ts";
import { readResources } from "#lib/services/spend/read-resources.ts";
import { parseSpendState, toSpendQuery } from "#app/(dashboard)/spend/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/spend/resources: the resources behind a figure of /spend, with the same parameters. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    return readResources(context, toSpendQuery(parseSpendState(params, context.now)));
  });
}
