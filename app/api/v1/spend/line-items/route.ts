import { z } from "zod";
import { paramsToRecord, readParams } from "#lib/http/read-input.ts";
import { readLineItems } from "#lib/services/spend/read-line-items.ts";
import { parseSpendState, toSpendQuery } from "#app/(dashboard)/spend/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const MAX_PAGE_SIZE = 200;

const SCHEMA = z.object({
  page: z.coerce.number().int().min(1).default(1),
  pageSize: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(50),
  resource: z.string().optional(),
});

/** GET /api/v1/spend/line-items: the source's own records behind a figure of /spend. `page` counts from 1. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const search = new URL(request.url).searchParams;
    const { page, pageSize, resource } = readParams(search, SCHEMA);
    const query = toSpendQuery(parseSpendState(paramsToRecord(search), context.now));
    return readLineItems(context, { ...query, page, pageSize, resourceId: resource ?? null });
  });
}
