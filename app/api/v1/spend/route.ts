import { paramsToRecord } from "#lib/http/read-input.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import { parseSpendState, toSpendQuery } from "#app/(dashboard)/spend/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/spend: the answer that /spend shows, with the same parameters. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    return readSpend(context, toSpendQuery(parseSpendState(params, context.now)));
  });
}
