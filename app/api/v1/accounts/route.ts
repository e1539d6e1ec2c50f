import { paramsToRecord } from "#lib/http/read-input.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import { parseAccountsState, toAccountsQuery } from "#app/(dashboard)/spend/accounts/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/accounts: every account with what it spends and whose it is, with the period and basis of /spend/accounts. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const params = paramsToRecord(new URL(request.url).searchParams);
    return readAccounts(context, toAccountsQuery(parseAccountsState(params, context.now)));
  });
}
