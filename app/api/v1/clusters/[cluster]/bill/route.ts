import { paramsToRecord } from "#lib/http/read-input.ts";
import { readClusterBill } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { billRange, parseBillState } from "#app/(dashboard)/sprawl/bill-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/clusters/:cluster/bill?period=2026-10&basis=billed: namespaces, shared, overhead, idle, and the provider's bill. */
export function GET(request: Request, { params }: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return answerRead(async (context) => {
    const state = parseBillState(paramsToRecord(new URL(request.url).searchParams));
    return readClusterBill(context, {
      clusterKey: (await params).cluster,
      ...billRange(state, null, context.now),
      basis: state.basis,
      asOf: state.asOf === null ? null : new Date(state.asOf),
    });
  });
}
