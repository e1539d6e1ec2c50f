import type { AppErrorJson } from "#lib/errors.ts";

/** What a source yields. */
export type Dataset = "cost" | "directory" | "rates" | "inventory" | "evaluations" | "events";

/** One thing a slice can be pulled for. `fingerprint` changes whenever the content may have changed. */
export type OfferedSlice = {
  /** "2026-03", or "all" for datasets without periods. */
  period: string;
  fingerprint: string;
  files: SourceFile[];
};

/** A file or object as the source lists it. `location` is an absolute path or "s3://bucket/key". */
export type SourceFile = {
  name: string;
  location: string;
  size: number;
  version: string;
  format: "csv" | "csv.gz" | "parquet" | "yaml" | "json" | "xml";
};

/** A deviation that does not stop a slice from loading. The code is from a closed set, see finding.ts. */
export type SourceFinding = {
  file: string;
  code: string;
  column: string | null;
  message: string;
  count: number;
  firstRow: number | null;
  sample: string | null;
};

/** One line of `bursar check`. */
export type CheckResult = { what: string; ok: boolean; error: AppErrorJson | null };

/** Told to whoever waits: what is being done, how far it is. */
export type ProgressListener = (progress: { step: string; done: number; total: number; unit: string }) => void;

export type ReadOptions = { signal: AbortSignal; onProgress: ProgressListener };
