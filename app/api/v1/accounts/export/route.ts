import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { respondFile } from "#lib/http/respond.ts";
import { exportAccounts } from "#lib/services/accounts/export-accounts.ts";
import { parseAccountsState, toAccountsQuery } from "#app/(dashboard)/spend/accounts/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ format: z.enum(["csv", "xlsx"]) });

/** GET /api/v1/accounts/export?format=csv: the accounts that /spend/accounts shows, with every decimal, as a file. */
export function GET(request: Request): Promise<Response> {
  return answerRead(async (context) => {
    const search = new URL(request.url).searchParams;
    const { format } = readParams(search, SCHEMA);
    const state = parseAccountsState(paramsToRecord(search), context.now);
    return respondFile(
      await exportAccounts(context, { query: toAccountsQuery(state), filters: state.filters, format }),
    );
  });
}
