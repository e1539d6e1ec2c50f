import { AppError } from "#lib/errors.ts";
import { readJson } from "#lib/http/read-input.ts";
import { saveClusterMethod } from "#lib/services/cluster-bill/save-cluster-method.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/clusters/:cluster/method: how its bill is split from a day on. */
export function POST(request: Request, { params }: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => {
    const draft = await readJson(request);
    if (typeof draft !== "object" || draft === null) throw new AppError("invalid_input", "The settings are no object.");
    return saveClusterMethod(context, { ...draft, clusterKey: (await params).cluster });
  });
}
