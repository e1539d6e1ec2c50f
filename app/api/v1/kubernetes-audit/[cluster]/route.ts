import { AppError, toAppError } from "#lib/errors.ts";
import { readTextBody } from "#lib/http/read-text-body.ts";
import { respondError, respondJson } from "#lib/http/respond.ts";
import { MOST_REQUEST_BYTES, receiveAudit } from "#lib/services/trail/append/receive-audit.ts";
import { contextOfNobody } from "#app/_server/context.ts";

const RETRY_AFTER_SECONDS = "2";

/**
 * POST /api/v1/kubernetes-audit/:cluster: an EventList of audit.k8s.io/v1 from the audit webhook of the cluster's API servers, with the cluster's
 * token as bearer. 200 once the events are committed, with how many there were and how many items are none; 429 with Retry-After while too many wait; whatever else it answers, they are not kept.
 */
export async function POST(request: Request, { params }: { params: Promise<{ cluster: string }> }): Promise<Response> {
  try {
    const { cluster } = await params;
    // What does not say how long it is takes the place of the longest.
    const bytes = Number(request.headers.get("content-length") ?? MOST_REQUEST_BYTES);
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new AppError("invalid_input", "Content-Length is no number.");
    const answer = await receiveAudit(contextOfNobody(), {
      clusterKey: cluster,
      token: /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null,
      bytes,
      read: () => readTextBody(request, bytes),
    });
    return respondJson(answer);
  } catch (thrown) {
    const response = respondError(thrown);
    if (toAppError(thrown).code !== "throttled") return response;
    return new Response(response.body, {
      status: 429,
      headers: { "Content-Type": "application/json", "Retry-After": RETRY_AFTER_SECONDS },
    });
  }
}
