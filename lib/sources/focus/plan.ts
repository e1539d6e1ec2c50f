import { availableParallelism, tmpdir } from "node:os";
import { AppError } from "#lib/errors.ts";
import type { OfferedSlice, SourceFile } from "#lib/sources/source.ts";
import { createObjectClient } from "#lib/sources/focus/client.ts";
import { identifier, openScanEngine, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";
import { planAwsDataExport, planAzureExport } from "#lib/sources/focus/layouts.ts";
import { listLocalFiles, localFileStore } from "#lib/sources/focus/local-files.ts";
import { openFiles } from "#lib/sources/focus/open-files.ts";
import { s3FileStore } from "#lib/sources/focus/s3-file-store.ts";
import { groupFiles, readerOf } from "#lib/sources/focus/scan-groups.ts";
import type { ExportTreeSpec, FocusSpec } from "#lib/sources/focus/spec.ts";
import type { FileStore } from "#lib/sources/focus/file-store.ts";

const PLAN_MEMORY_MB = 400;
/** Files whose periods this process remembers, so that planning reads only what is new. */
const MAX_REMEMBERED = 20_000;
const MAX_PERIODS_PER_FILE = 240;

/** A month in a file's name or folder: 2026-03, 202603, 2026_03. */
const PERIOD_IN_NAME = /(?<![0-9])(?<year>20\d\d)[-_]?(?<month>0[1-9]|1[0-2])(?![0-9]{3})/g;

const remembered = new Map<string, string[]>();

/**
 * The billing periods that the source offers and the files of each, without reading line items where a manifest tells.
 * @throws AppError where the folder, bucket or manifest cannot be read.
 */
export async function planFocus(spec: FocusSpec, options: { signal: AbortSignal }): Promise<OfferedSlice[]> {
  if (spec.layout === "files") return planFiles(spec, options.signal);
  return withStore(spec, options.signal, (store) =>
    spec.layout === "azure-exports" ? planAzureExport(store) : planAwsDataExport(store),
  );
}

/** Opens the folder or bucket of an export for as long as the work takes. */
export async function withStore<T>(
  spec: ExportTreeSpec,
  signal: AbortSignal,
  work: (store: FileStore) => Promise<T>,
): Promise<T> {
  if (spec.path !== undefined) return work(localFileStore(spec.path));
  const client = createObjectClient(spec, signal);
  try {
    return await work(s3FileStore(client, spec.prefix));
  } finally {
    client.close();
  }
}

async function planFiles(spec: FocusSpec & { layout: "files" }, signal: AbortSignal): Promise<OfferedSlice[]> {
  const files = await listLocalFiles(spec.path);
  const byPeriod = new Map<string, SourceFile[]>();
  const unknown = files.filter((file) => !remembered.has(memoryKey(file)));
  if (unknown.length > 0) {
    const engine = await openScanEngine({
      scratchDir: tmpdir(),
      memoryLimitMb: PLAN_MEMORY_MB,
      threads: availableParallelism(),
      signal,
    });
    try {
      for (const file of unknown) remember(file, await periodsIn(engine, spec, file, signal));
    } finally {
      await engine.close();
    }
  }
  for (const file of files)
    for (const period of remembered.get(memoryKey(file)) ?? [])
      byPeriod.set(period, [...(byPeriod.get(period) ?? []), file]);
  return [...byPeriod]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([period, ofPeriod]) => ({ period, files: ofPeriod, fingerprint: fingerprintOf(ofPeriod) }));
}

async function periodsIn(
  engine: ScanEngine,
  spec: FocusSpec,
  file: SourceFile,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return await readPeriods(engine, spec, file, signal);
  } catch (thrown) {
    // One damaged file must not keep the other months from loading: where its name tells its month, reading that
    // month tells what is wrong with it.
    const named = [...file.location.matchAll(PERIOD_IN_NAME)].at(-1)?.groups;
    if (!(thrown instanceof AppError) || thrown.code !== "bad_data" || !named) throw thrown;
    return [`${named["year"]}-${named["month"]}`];
  }
}

async function readPeriods(
  engine: ScanEngine,
  spec: FocusSpec,
  file: SourceFile,
  signal: AbortSignal,
): Promise<string[]> {
  const opened = await openFiles(spec, [file], { scratchDir: engine.scratchDir, cacheDir: engine.scratchDir, signal });
  const [group] = await groupFiles(engine, opened.files);
  if (!group) return [];
  const column = identifier(group.focusNames.get("BillingPeriodStart") ?? "BillingPeriodStart");
  const rows = await engine.rows(
    "Looking for billing periods",
    // Few different values stand in millions of rows: they are told apart as they are written and only then understood.
    `SELECT DISTINCT strftime(${group.expressions.periodStart.instant}, '%Y-%m') AS period FROM (SELECT DISTINCT ${column} FROM ${readerOf(group)})`,
  );
  return rows
    .flatMap((row) => (typeof row["period"] === "string" ? [row["period"]] : []))
    .slice(0, MAX_PERIODS_PER_FILE);
}

function memoryKey(file: SourceFile): string {
  return JSON.stringify([file.location, file.version]);
}

function remember(file: SourceFile, periods: string[]): void {
  remembered.set(memoryKey(file), periods);
  for (const key of remembered.keys()) {
    if (remembered.size <= MAX_REMEMBERED) return;
    remembered.delete(key);
  }
}
