import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { ErrorCode } from "#lib/errors.ts";
import { toErrorView } from "#lib/http/error-view.ts";

const STATUS: Record<ErrorCode, number> = {
  denied: 502,
  throttled: 503,
  invalid_config: 500,
  switched_off: 500,
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

/** A file to save. */
export function respondFile(file: { fileName: string; contentType: string; body: Uint8Array }): Response {
  return new Response(new Blob([new Uint8Array(file.body)]), { headers: fileHeaders(file) });
}

/** A file of this machine to save, sent piece by piece. */
export function respondStoredFile(file: {
  fileName: string;
  contentType: string;
  path: string;
  size: number;
}): Response {
  const stream = Readable.toWeb(createReadStream(file.path)) as ReadableStream<Uint8Array>;
  return new Response(stream, { headers: { ...fileHeaders(file), "Content-Length": String(file.size) } });
}

/** A file that is made while it is sent, of a size that nobody knows yet. */
export function respondStream(file: { fileName: string; contentType: string; body: Readable }): Response {
  return new Response(Readable.toWeb(file.body) as ReadableStream<Uint8Array>, { headers: fileHeaders(file) });
}

/** The name is sent in both forms of RFC 6266, so that letters outside ASCII survive. */
function fileHeaders({ fileName, contentType }: { fileName: string; contentType: string }): Record<string, string> {
  const plainName = fileName.replaceAll(/[^\w.-]/g, "_");
  return {
    ...PRIVATE,
    "Content-Type": contentType,
    "Content-Disposition": `attachment; filename="${plainName}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
  };
}

/** The one place where a thrown error becomes an HTTP answer: { error: { code, message, remedy, place, id } }. */
export function respondError(thrown: unknown): Response {
  const error = toErrorView(thrown);
  return respondJson({ error }, STATUS[error.code]);
}
