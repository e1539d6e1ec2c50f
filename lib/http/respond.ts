import type { ErrorCode } from "#lib/errors.ts";
import { toErrorView } from "#lib/http/error-view.ts";

const STATUS: Record<ErrorCode, number> = {
  denied: 502,
  throttled: 503,
  invalid_config: 500,
  unavailable: 503,
  bad_data: 422,
  not_balanced: 422,
  superseded: 409,
  forbidden: 403,
  unauthenticated: 401,
  not_found: 404,
  invalid_input: 400,
  conflict: 409,
  limit_reached: 422,
  internal: 500,
};

// Answers hold figures that only this person may see, and figures change: no cache may keep them.
const PRIVATE = { "Cache-Control": "private, no-store" };

export function respondJson(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: PRIVATE });
}

/** A file to save. The name is sent in both forms of RFC 6266, so that letters outside ASCII survive. */
export function respondFile(file: { fileName: string; contentType: string; body: Uint8Array }): Response {
  const plainName = file.fileName.replaceAll(/[^\w.-]/g, "_");
  return new Response(new Blob([new Uint8Array(file.body)]), {
    headers: {
      ...PRIVATE,
      "Content-Type": file.contentType,
      "Content-Disposition": `attachment; filename="${plainName}"; filename*=UTF-8''${encodeURIComponent(file.fileName)}`,
    },
  });
}

/** The one place where a thrown error becomes an HTTP answer: { error: { code, message, remedy, place, id } }. */
export function respondError(thrown: unknown): Response {
  const error = toErrorView(thrown);
  return respondJson({ error }, STATUS[error.code]);
}
