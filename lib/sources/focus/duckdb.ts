import { mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { AppError } from "#lib/errors.ts";
import type { ProgressListener } from "#lib/sources/source.ts";

const PROGRESS_INTERVAL_MS = 300;

/** DuckDB hands back rows of this form; the caller names the columns that its SQL selects. */
export type Row = Record<string, string | number | boolean | null>;

export type ScanEngineOptions = {
  scratchDir: string;
  memoryLimitMb: number;
  threads: number;
  signal: AbortSignal;
  onProgress?: ProgressListener | undefined;
  /** Line items of equal cost are told apart by their place in the file, so their order must be kept. */
  keepOrder?: boolean;
};

/** A private in-process DuckDB with a scratch folder of its own. */
export type ScanEngine = {
  connection: DuckDBConnection;
  scratchDir: string;
  run(step: string, sql: string): Promise<void>;
  rows(step: string, sql: string): Promise<Row[]>;
  close(): Promise<void>;
};

/** Opens a DuckDB that never reaches the network and spills into a folder that `close` removes. */
export async function openScanEngine(options: ScanEngineOptions): Promise<ScanEngine> {
  const scratchDir = join(options.scratchDir, `scan-${randomUUID()}`);
  await mkdir(scratchDir, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitMb}MB`,
    temp_directory: scratchDir,
    preserve_insertion_order: options.keepOrder === true ? "true" : "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");

  async function guarded<T>(step: string, work: () => Promise<T>): Promise<T> {
    options.signal.throwIfAborted();
    const interrupt = (): void => connection.interrupt();
    options.signal.addEventListener("abort", interrupt, { once: true });
    const timer = setInterval(() => {
      const percentage = Math.max(0, Math.round(connection.progress.percentage));
      options.onProgress?.({ step, done: percentage, total: 100, unit: "percent" });
    }, PROGRESS_INTERVAL_MS);
    try {
      return await work();
    } catch (thrown) {
      options.signal.throwIfAborted();
      throw classifyDuckDbError(thrown);
    } finally {
      clearInterval(timer);
      options.signal.removeEventListener("abort", interrupt);
    }
  }

  return {
    connection,
    scratchDir,
    run: (step, sql) => guarded(step, async () => void (await connection.run(sql))),
    rows: (step, sql) => guarded(step, async () => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[]),
    close: async () => {
      connection.closeSync();
      instance.closeSync();
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}

// The driver throws a plain Error whose text starts with DuckDB's own error type: the only classification it offers.
const ERROR_TYPE = /^(?<type>[A-Za-z ]+?) Error:/;
const CSV_LINE = /CSV Error on Line: (?<line>\d+)/;
const CSV_FILE = /^\s*file ?= ?(?<file>.+)$/m;
const DATA_ERRORS = ["Invalid Input", "Conversion", "IO", "Invalid", "Out of Range", "Serialization", "Corrupted"];

function classifyDuckDbError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const type = ERROR_TYPE.exec(message)?.groups?.["type"] ?? "";
  if (type === "Out of Memory")
    return new AppError("limit_reached", "Reading the files took more memory than it may.", {
      remedy: "Raise the memory limit of the scan or give the scratch folder more space.",
      cause: thrown,
    });
  if (!DATA_ERRORS.includes(type)) return new AppError("internal", `The scan failed: ${message}`, { cause: thrown });
  const line = CSV_LINE.exec(message)?.groups?.["line"];
  const file = CSV_FILE.exec(message)?.groups?.["file"]?.trim();
  const firstLine = message.split("\n")[line === undefined ? 0 : 1] ?? message;
  const reason =
    /(?:^|\n)(?<reason>(?:Expected Number|Value with unterminated|Missing quote|Invalid unicode|Maximum line)[^\n]*)/.exec(
      message,
    )?.groups?.["reason"];
  return new AppError("bad_data", `A file cannot be read: ${reason ?? firstLine.replace(ERROR_TYPE, "").trim()}`, {
    remedy: "Have the file delivered again; it is damaged or incomplete.",
    place: { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line: Number(line) }) },
    cause: thrown,
  });
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
