import { readRun } from "#lib/services/runs/read-run.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/runs/:id: how far a run is. */
export function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerRead(async (context) => readRun(context, { runId: (await params).id }));
}
