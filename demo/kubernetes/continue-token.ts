import { isJsonObject } from "#demo/kubernetes/object.ts";
import { badRequest, StatusError } from "#demo/kubernetes/status.ts";

/** Where the next page of a list starts. A revision of -1 continues in whatever the list has become. */
export type Continuation = { revision: number; start: string };

const VERSION = "meta.k8s.io/v1";
export const INCONSISTENT = -1;

export function writeContinueToken({ revision, start }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start })).toString("base64url");
}

/** @throws StatusError 400 for a token that no API server has written. */
export function readContinueToken(token: string): Continuation {
  const text = Buffer.from(token, "base64url").toString("latin1");
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
  } catch {
    throw badRequest(
      `invalid continue token: continue key is not valid: invalid character '${shown(text)}' looking for beginning of value`,
    );
  }
  if (!isJsonObject(value) || value.v !== VERSION)
    throw badRequest(
      "invalid continue token: continue key is not valid: server does not recognize this encoded version",
    );
  const { rv, start } = value;
  if (typeof rv !== "number" || rv === 0 || typeof start !== "string" || start === "")
    throw badRequest("invalid continue token: continue key is not valid: incorrect encoded start resourceVersion");
  return { revision: rv, start };
}

/** The first character as Go's decoder quotes it. */
function shown(text: string): string {
  const code = text.charCodeAt(0);
  return code < 32 || code > 126 ? `\\u${code.toString(16).padStart(4, "0")}` : text.slice(0, 1);
}

/** The answer to a token whose revision is gone, with the token that goes on without consistency. */
export function expiredToken(start: string): StatusError {
  return new StatusError(
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
      "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
      "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
      "deleted between the time the first chunk was returned and now may show up in the list.",
    null,
    writeContinueToken({ revision: INCONSISTENT, start }),
  );
}
