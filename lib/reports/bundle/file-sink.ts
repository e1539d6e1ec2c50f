import { createHash } from "node:crypto";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";

/** A file on its way into a bundle: its name there, where it lies, and what was counted while it was written. */
export type WrittenFile = { name: string; path: string; size: number; sha256: string; crc: number };

const FLUSH_BYTES = 1024 * 1024;

/** Writes one file piece by piece and counts on the way, so that it need not be read again. */
export class FileSink {
  readonly name: string;
  readonly path: string;
  readonly #hash = createHash("sha256");
  #crc = 0;
  #size = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  private constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }

  /** @param name in the bundle, with slashes. @param folder that it is written below. */
  static async open(folder: string, name: string): Promise<FileSink> {
    const path = join(folder, ...name.split("/"));
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, "", { mode: 0o600 });
    return new FileSink(name, path);
  }

  async write(data: string | Uint8Array): Promise<void> {
    const piece = typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data);
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes >= FLUSH_BYTES) await this.#flush();
  }

  async end(): Promise<WrittenFile> {
    await this.#flush();
    const { name, path } = this;
    return { name, path, size: this.#size, sha256: this.#hash.digest("hex"), crc: this.#crc };
  }

  async #flush(): Promise<void> {
    const piece = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (piece.length === 0) return;
    this.#hash.update(piece);
    this.#crc = crc32(piece, this.#crc);
    this.#size += piece.length;
    // Opened for each piece: a report that fails in the middle then leaves nothing open.
    await appendFile(this.path, piece);
  }
}

/** A file that is known as a whole. */
export async function writeWhole(folder: string, name: string, data: string | Uint8Array): Promise<WrittenFile> {
  const sink = await FileSink.open(folder, name);
  await sink.write(data);
  return sink.end();
}
