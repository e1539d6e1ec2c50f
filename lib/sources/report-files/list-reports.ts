import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { AppError } from "#lib/errors.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";
import { describeTextFile, readTextFile } from "#lib/sources/local-text-file.ts";
import { formatOf, inParts, isReport, MAX_FILES, type ReportEnding } from "#lib/sources/report-files/report-name.ts";
import type { OfferedSlice, SourceFile } from "#lib/sources/source.ts";

/**
 * The reports below a folder, one slice for each of its folders, so that a broken report is no gap for the others.
 * @throws AppError "invalid_config" where there is no report at the path, "denied" where it may not be read.
 */
export async function planReports(path: string, endings: readonly ReportEnding[]): Promise<OfferedSlice[]> {
  const root = resolve(path);
  const files: SourceFile[] = [];
  for (const location of await listFiles(root, endings)) {
    const name = relative(root, location).split(sep).join("/");
    const file = await describeTextFile(location, formatOf(location));
    if (file !== null) files.push({ ...file, name: name === "" ? file.name : name });
  }
  if (files.length === 0)
    throw new AppError(
      "invalid_config",
      `There is no ${endings.map((ending) => `*.${ending}`).join(" or ")} at ${path}.`,
      {
        remedy: "Check the source's path in bursar.yaml.",
        place: { file: path },
      },
    );
  return inParts(files).map(([period, own]) => ({ period, files: own, fingerprint: fingerprintOf(own) }));
}

/** Text of each report, oldest name first. */
export async function* readReports(slice: OfferedSlice): AsyncGenerator<{ file: SourceFile; text: string }> {
  for (const file of slice.files.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    yield { file, text: await readTextFile(file) };
}

async function listFiles(root: string, endings: readonly string[]): Promise<string[]> {
  try {
    if ((await stat(root)).isFile()) return [root];
    const entries = await readdir(root, { withFileTypes: true, recursive: true });
    const found = entries
      .filter((entry) => entry.isFile() && isReport(entry.name, endings))
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
