import { readJson } from "#lib/http/read-input.ts";
import { listPools } from "#lib/services/rules/list-rules.ts";
import { savePool } from "#lib/services/rules/save-pool.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

/** GET /api/v1/pools */
export function GET(): Promise<Response> {
  return answerRead((context) => listPools(context));
}

/** POST /api/v1/pools: saves a shared pool, new or changed. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => savePool(context, await readJson(request)));
}
