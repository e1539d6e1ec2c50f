import { paramsToRecord } from "#lib/http/read-input.ts";
import { readUnallocated } from "#lib/services/spend/read-unallocated.ts";
import { parseSpendState, toSpendQuery } from "#app/(dashboard)/spend/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/spend/unallocated?period=2026-03: the largest costs that nobody owns. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    const { from, to, basis, asOf } = toSpendQuery(parseSpendState(params, context.now));
    return readUnallocated(context, { from, to, basis, asOf });
  });
}
