import type { SourceFile } from "#lib/sources/source.ts";

/** More reports than this are a mistake in the path rather than a delivery. */
export const MAX_FILES = 5_000;
/** Reports that lie in the folder itself are one part; those of each folder below it another. */
const TOP = "files";

const FORMATS: Record<string, SourceFile["format"]> = { json: "json", jsonl: "json", ndjson: "json", xml: "xml" };
export type ReportEnding = "json" | "jsonl" | "ndjson" | "xml";

export function formatOf(name: string): SourceFile["format"] {
  return FORMATS[endingOf(name)] ?? "json";
}

/** Whether a file has one of the endings and is none that is still being written or hidden. `name` is relative, with "/" between. */
export function isReport(name: string, endings: readonly string[]): boolean {
  return endings.includes(endingOf(name)) && !/^[._]/.test(name.slice(name.lastIndexOf("/") + 1));
}

/** Files by the folder that they are in, sorted by its name. */
export function inParts(files: readonly SourceFile[]): [string, SourceFile[]][] {
  const byPart = new Map<string, SourceFile[]>();
  for (const file of files) {
    const part = file.name.includes("/") ? file.name.slice(0, file.name.indexOf("/")) : TOP;
    byPart.set(part, [...(byPart.get(part) ?? []), file]);
  }
  return [...byPart].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}
