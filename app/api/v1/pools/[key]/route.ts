import { removePool } from "#lib/services/rules/remove-pool.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** DELETE /api/v1/pools/:key */
export function DELETE(request: Request, { params }: { params: Promise<{ key: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => removePool(context, { key: decodeURIComponent((await params).key) }));
}
