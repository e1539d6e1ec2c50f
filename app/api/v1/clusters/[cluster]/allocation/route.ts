import { paramsToRecord } from "#lib/http/read-input.ts";
import { respondFile } from "#lib/http/respond.ts";
import { exportAllocation } from "#lib/services/cluster-bill/export-allocation.ts";
import { billRange, parseBillState } from "#app/(dashboard)/sprawl/bill-params.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/clusters/:cluster/allocation?period=2026-10: the split of the bill as FOCUS 1.3 rows, whose parts are the origin charge. */
export function GET(request: Request, { params }: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return answerRead(async (context) => {
    const state = parseBillState(paramsToRecord(new URL(request.url).searchParams));
    return respondFile(
      await exportAllocation(context, {
        clusterKey: (await params).cluster,
        ...billRange(state, null, context.now),
        asOf: state.asOf === null ? null : new Date(state.asOf),
      }),
    );
  });
}
