import { readBody } from "#lib/http/read-input.ts";
import { listPools } from "#lib/services/rules/list-pools.ts";
import { savePool } from "#lib/services/rules/save-pool.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";
import { POOL_DRAFT } from "#app/_server/rule-schema.ts";

/** GET /api/v1/pools */
export function GET(): Promise<Response> {
  return answerRead((context) => listPools(context));
}

/** POST /api/v1/pools: saves a shared pool, new or changed. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => savePool(context, await readBody(request, POOL_DRAFT)));
}
