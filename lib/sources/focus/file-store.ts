import type { SourceFile } from "#lib/sources/source.ts";

/** A tree of files below one root: a folder, or a prefix of a bucket. Paths are relative to the root, with "/" between. */
export type FileStore = {
  /** The root, for people: "/exports/aws" or "s3://bucket/prefix". */
  readonly root: string;
  /** Names of the folders directly below `folder`; empty where it is not there. */
  listFolders(folder: string): Promise<string[]>;
  /** A small text file with its version; null where it is not there. */
  readText(path: string): Promise<{ text: string; version: string } | null>;
  /** Size and version of a file; null where it is not there. */
  describe(path: string): Promise<{ location: string; size: number; version: string } | null>;
};

/** The version of a file that a manifest names but that is not there. Reading it is refused. */
export const MISSING_VERSION = "missing";

/** Format by the end of the name; null for what FOCUS is not delivered in. */
export function formatOf(name: string): SourceFile["format"] | null {
  const lower = name.toLowerCase();
  if (lower.endsWith(".csv")) return "csv";
  if (lower.endsWith(".csv.gz")) return "csv.gz";
  return lower.endsWith(".parquet") ? "parquet" : null;
}
