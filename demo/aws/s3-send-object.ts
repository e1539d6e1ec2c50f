import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OpenObject } from "#demo/aws/s3-bucket.ts";
import { preconditionOf, rangeOf } from "#demo/aws/s3-requests.ts";

/** Sends the object or the asked range of it. `log` is called before the body leaves. */
export async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: OpenObject,
  cutAfterBytes: number | null,
  log: () => void,
): Promise<void> {
  response.setHeader("etag", object.etag);
  for (const [name, value] of Object.entries(object.metadata)) response.setHeader(`x-amz-meta-${name}`, value);
  response.setHeader("last-modified", object.lastModified.toUTCString());
  if (preconditionOf(request.headers, object) === "not modified") return void response.writeHead(304).end();
  const range = rangeOf(request.headers.range, object.size);
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("content-type", "binary/octet-stream");
  response.setHeader("content-length", range.end - range.start);
  if (range.partial) response.setHeader("content-range", `bytes ${range.start}-${range.end - 1}/${object.size}`);
  response.writeHead(range.partial ? 206 : 200);
  log();
  if (request.method === "HEAD" || range.end === range.start) return void response.end();
  await sendBytes(response, object.file, range.start, range.end, cutAfterBytes);
}

/** Sends [start, end) of the file; where it is to be cut, breaks the connection after so many bytes. */
async function sendBytes(
  response: ServerResponse,
  file: FileHandle,
  start: number,
  end: number,
  cutAfterBytes: number | null,
): Promise<void> {
  const stop = cutAfterBytes === null ? end : Math.min(end, start + cutAfterBytes);
  if (stop > start) {
    for await (const chunk of file.createReadStream({ start, end: stop - 1, autoClose: false })) {
      if (response.destroyed) return;
      if (!response.write(chunk as Buffer)) await drained(response);
    }
  }
  if (stop === end) return void response.end();
  // Unlike destroy(), this lets the bytes that were written leave first.
  response.socket?.destroySoon();
}

/** Waits until the client has taken what was sent, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const proceed = () => {
      response.off("drain", proceed).off("close", proceed);
      resolve();
    };
    response.on("drain", proceed).on("close", proceed);
  });
}
