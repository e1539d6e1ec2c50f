import { paramsToRecord } from "#lib/http/read-input.ts";
import { readNamespaceCost } from "#lib/services/cluster-bill/read-namespace-cost.ts";
import { readNamespace } from "#lib/services/namespaces/read-namespace.ts";
import { billRange, parseBillState } from "#app/(dashboard)/sprawl/bill-params.ts";
import { answerRead } from "#app/_server/answer.ts";

type Place = { params: Promise<{ cluster: string; uid: string }> };

/** GET /api/v1/namespaces/:cluster/:uid/cost?period=2026-10: what it cost by resource, day by day, and what it used. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return answerRead(async (context) => {
    const { cluster: clusterKey, uid } = await params;
    const state = parseBillState(paramsToRecord(new URL(request.url).searchParams));
    const asOf = state.asOf === null ? null : new Date(state.asOf);
    const { row, costRange } = await readNamespace(context, { clusterKey, uid, asOf });
    const range = billRange(state, costRange, context.now);
    return readNamespaceCost(context, { clusterKey, uid, namespace: row.name, ...range, basis: state.basis, asOf });
  });
}
