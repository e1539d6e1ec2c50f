import { AppError } from "#lib/errors.ts";

/**
 * The request's body as text of UTF-8, read until its end or until it is longer than it may be.
 *
 * @throws AppError "limit_reached" where it has more than `mostBytes`, "invalid_input" where it is not UTF-8.
 */
export async function readTextBody(request: Request, mostBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.body ?? []) {
    length += piece.length;
    if (length > mostBytes)
      throw new AppError("limit_reached", `The request's body is longer than ${mostBytes} bytes.`);
    pieces.push(piece);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch (thrown) {
    throw new AppError("invalid_input", "The request's body is not UTF-8.", { cause: thrown });
  }
}
