import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "#lib/errors.ts";

const GZIP = [0x1f, 0x8b];
const NEWLINE = 0x0a;
const PIECE_BYTES = 1024 * 1024;
/** An API server refuses objects far smaller than this. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;

/** A line without its newline, its number from 1, and where it ends in the unpacked content. `isOpen`: the file ended before the line did. */
export type Line = { text: string; row: number; end: number; isOpen: boolean };

/**
 * The lines of a file, gzip or plain, empty ones left out. A file that is still written to is read as far as it was when it was opened.
 *
 * @throws AppError "bad_data" for a line of more than 64 MiB, or a gzip file that is damaged or not yet whole.
 */
export async function* readLines(location: string, signal: AbortSignal): AsyncGenerator<Line> {
  let rest: Uint8Array = new Uint8Array();
  let row = 0;
  let at = 0;
  const line = (bytes: Uint8Array, isOpen: boolean): Line => ({
    text: new TextDecoder().decode(bytes).replace(/\r$/, ""),
    row,
    end: at,
    isOpen,
  });
  for await (const piece of contentOf(location)) {
    signal.throwIfAborted();
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      const bytes = rest.length === 0 ? piece.subarray(start, end) : Buffer.concat([rest, piece.subarray(start, end)]);
      rest = new Uint8Array();
      start = end + 1;
      row += 1;
      at += bytes.length + 1;
      if (bytes.length > 0) yield line(bytes, false);
    }
    rest = Buffer.concat([rest, piece.subarray(start)]);
    if (rest.length > MOST_LINE_BYTES)
      throw new AppError("bad_data", `Line ${row + 1} of ${location} is longer than ${MOST_LINE_BYTES} bytes.`, {
        place: { file: location, line: row + 1 },
      });
  }
  if (rest.length === 0) return;
  row += 1;
  at += rest.length;
  yield line(rest, true);
}

async function* contentOf(location: string): AsyncGenerator<Buffer> {
  const file = await open(location);
  try {
    const { size } = await file.stat();
    if (size === 0) return;
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    const bytes = file.createReadStream({ start: 0, end: size - 1, highWaterMark: PIECE_BYTES, autoClose: false });
    const isPacked = buffer[0] === GZIP[0] && buffer[1] === GZIP[1];
    yield* isPacked ? unpacked(bytes, location) : bytes;
  } finally {
    await file.close();
  }
}

async function* unpacked(bytes: Readable, location: string): AsyncGenerator<Buffer> {
  try {
    for await (const piece of Readable.from(bytes).pipe(createGunzip({ chunkSize: PIECE_BYTES })))
      yield piece as Buffer;
  } catch (thrown) {
    throw new AppError("bad_data", `${location} cannot be unpacked: it is damaged, or not yet whole.`, {
      remedy: "It is read with the next look; where that fails as well, deliver it again.",
      place: { file: location },
      cause: thrown,
    });
  }
}
