import { createHash } from "node:crypto";
import type { SourceFile } from "#lib/sources/source.ts";

/** Changes whenever a file of the slice is added, removed or replaced; the order of files does not matter. */
export function fingerprintOf(files: readonly SourceFile[]): string {
  const lines = files.map((file) => JSON.stringify([file.name, file.size, file.version])).toSorted();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}
