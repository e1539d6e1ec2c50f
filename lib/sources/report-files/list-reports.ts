import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { AppError } from "#lib/errors.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";
import { describeTextFile, readTextFile } from "#lib/sources/local-text-file.ts";
import type { OfferedSlice, SourceFile } from "#lib/sources/source.ts";

/** More reports than this are a mistake in the path rather than a delivery. */
const MAX_FILES = 5_000;
/** Reports that lie in the folder itself are one part; those of each folder below it another. */
const TOP = "files";

const FORMATS: Record<string, SourceFile["format"]> = { json: "json", jsonl: "json", ndjson: "json", xml: "xml" };
export type ReportEnding = "json" | "jsonl" | "ndjson" | "xml";

/**
 * The reports below a folder, one slice for each of its folders, so that a broken report is no gap for the others.
 * @throws AppError "invalid_config" where there is no report at the path, "denied" where it may not be read.
 */
export async function planReports(path: string, endings: readonly ReportEnding[]): Promise<OfferedSlice[]> {
  const root = resolve(path);
  const byPart = new Map<string, SourceFile[]>();
  for (const location of await listFiles(root, endings)) {
    const name = relative(root, location).split(sep).join("/");
    const file = await describeTextFile(location, FORMATS[endingOf(location)] ?? "json");
    if (file === null) continue;
    const part = name.includes("/") ? name.slice(0, name.indexOf("/")) : TOP;
    byPart.set(part, [...(byPart.get(part) ?? []), { ...file, name: name === "" ? file.name : name }]);
  }
  if (byPart.size === 0)
    throw new AppError(
      "invalid_config",
      `There is no ${endings.map((ending) => `*.${ending}`).join(" or ")} at ${path}.`,
      {
        remedy: "Check the source's path in bursar.yaml.",
        place: { file: path },
      },
    );
  return [...byPart]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([period, files]) => ({ period, files, fingerprint: fingerprintOf(files) }));
}

/** Text of each report, oldest name first. */
export async function* readReports(slice: OfferedSlice): AsyncGenerator<{ file: SourceFile; text: string }> {
  for (const file of slice.files.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    yield { file, text: await readTextFile(file) };
}

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}

async function listFiles(root: string, endings: readonly string[]): Promise<string[]> {
  try {
    if ((await stat(root)).isFile()) return [root];
    const entries = await readdir(root, { withFileTypes: true, recursive: true });
    const found = entries
      .filter((entry) => entry.isFile() && endings.includes(endingOf(entry.name)) && !/^[._]/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    if (found.length > MAX_FILES)
      throw new AppError("limit_reached", `There are more than ${MAX_FILES} reports at ${root}.`);
    return found.toSorted();
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    const isDenied = code === "EACCES" || code === "EPERM";
    throw new AppError(isDenied ? "denied" : "unavailable", `${root} cannot be read (${code ?? "unknown"}).`, {
      remedy: "Give the user that Bursar runs as the right to read it.",
      place: { file: root },
      cause: thrown,
    });
  }
}
