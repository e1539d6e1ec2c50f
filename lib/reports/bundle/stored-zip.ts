import { createReadStream } from "node:fs";
import { rename, type FileHandle, open } from "node:fs/promises";
import { AppError } from "#lib/errors.ts";
import type { WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import { zipEnd, zipHeader } from "#lib/reports/bundle/verify-bundle.mjs";

/** Sizes in a zip without its 64-bit extension have 32 bits. */
const MOST_BYTES = 0xffff_ffff;
const MOST_FILES = 2_000;
const CHUNK = 1024 * 1024;

/**
 * Writes the files as a zip: in the given order, not compressed, dated 1 January 1980, the same rights for each, so that the same files
 * are the same bytes on every machine. The zip appears at `path` at once, whole, or not at all.
 *
 * @throws AppError "limit_reached" beyond 4 GiB or 2,000 files.
 */
export async function writeStoredZip(path: string, files: readonly WrittenFile[]): Promise<void> {
  const total = files.reduce((sum, file) => sum + file.size + 200 + 2 * file.name.length, 0);
  if (total > MOST_BYTES || files.length > MOST_FILES)
    throw new AppError("limit_reached", `The bundle would have ${files.length} files of ${total} bytes together.`, {
      remedy: `It may have ${MOST_FILES} files and 4 GiB. Ask for a shorter period, fewer teams or fewer formats.`,
    });
  const draft = `${path}.draft`;
  const zip = await open(draft, "w", 0o600);
  try {
    await writeAll(zip, files);
    await zip.sync();
  } finally {
    await zip.close();
  }
  await rename(draft, path);
}

async function writeAll(zip: FileHandle, files: readonly WrittenFile[]): Promise<void> {
  const list: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const entry = { name: file.name, crc: file.crc, size: file.size, offset };
    const local = zipHeader("local", entry);
    await zip.write(local);
    for await (const piece of createReadStream(file.path, { highWaterMark: CHUNK })) await zip.write(piece as Buffer);
    list.push(zipHeader("central", entry));
    offset += local.length + file.size;
  }
  const listed = Buffer.concat(list);
  await zip.write(listed);
  await zip.write(zipEnd(files.length, listed.length, offset));
}
