import { basename } from "node:path/posix";
import { AppError } from "#lib/errors.ts";
import type { OfferedSlice, SourceFile } from "#lib/sources/source.ts";
import { parseAwsManifest, parseAzureManifest } from "#lib/sources/focus/export-manifest.ts";
import { formatOf, MISSING_VERSION, type FileStore } from "#lib/sources/focus/file-store.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";

/** Files that are asked for at a time. */
const PARALLEL = 8;
/** Versions of one month that an export may keep beside one another. */
const MAX_RUNS_PER_PERIOD = 400;

const AWS_PARTITION = /^billing_period=(?<period>\d{4}-(?:0[1-9]|1[0-2]))$/i;
const AZURE_PERIOD = /^(?<year>\d{4})(?<month>0[1-9]|1[0-2])01-\d{8}$/;

/** The months of an AWS Data Export: `metadata/BILLING_PERIOD=2026-03/<export>-Manifest.json` names its data files. */
export async function planAwsDataExport(store: FileStore): Promise<OfferedSlice[]> {
  const base = await findExport(store, (folders) => folders.includes("metadata"));
  const metadata = join(base, "metadata");
  const slices: OfferedSlice[] = [];
  for (const partition of (await store.listFolders(metadata)).toSorted()) {
    const period = AWS_PARTITION.exec(partition)?.groups?.["period"];
    if (period === undefined) continue;
    const manifest = await readAwsManifest(store, base, join(metadata, partition));
    if (manifest === null) continue;
    const paths = parseAwsManifest(manifest.text, manifest.path).map((uri) =>
      join(base, pathBelowExport(uri, manifest.path)),
    );
    slices.push(await toSlice(store, period, paths, manifest.path));
  }
  return slices.filter((slice) => slice.files.length > 0);
}

/** Exports that keep their versions write each one's manifest into a folder that starts with its time; the last is the newest. */
async function readAwsManifest(
  store: FileStore,
  base: string,
  folder: string,
): Promise<{ path: string; text: string } | null> {
  const versions = (await store.listFolders(folder)).toSorted().slice(-1);
  for (const place of [folder, ...versions.map((version) => join(folder, version))]) {
    // The manifest is named like the export, which is the last folder of the prefix.
    const path = join(place, `${basename(base === "" ? store.root : base)}-Manifest.json`);
    const found = await store.readText(path);
    if (found !== null) return { path, text: found.text };
  }
  return null;
}

/** "s3://bucket/prefix/export/data/BILLING_PERIOD=2026-03/x.parquet" → "data/BILLING_PERIOD=2026-03/x.parquet": a copied tree has another root. */
function pathBelowExport(uri: string, manifest: string): string {
  const start = uri.lastIndexOf("/data/");
  const path = start === -1 ? uri : uri.slice(start + 1);
  if (!path.startsWith("data/") || path.split("/").includes(".."))
    throw new AppError("bad_data", `The manifest names a file outside the export: ${uri}`, {
      remedy: "Have the export delivered again.",
      place: { file: manifest, column: "dataFiles", value: uri },
    });
  return path;
}

/** The months of an Azure cost export: `<20260301-20260331>/<run>/manifest.json`; the run that was submitted last counts. */
export async function planAzureExport(store: FileStore): Promise<OfferedSlice[]> {
  const base = await findExport(store, (folders) => folders.some((folder) => AZURE_PERIOD.test(folder)));
  const slices: OfferedSlice[] = [];
  for (const folder of (await store.listFolders(base)).toSorted()) {
    const groups = AZURE_PERIOD.exec(folder)?.groups;
    if (!groups) continue;
    const run = await newestAzureRun(store, join(base, folder));
    if (run === null) continue;
    slices.push(await toSlice(store, `${groups["year"]}-${groups["month"]}`, run.paths, run.manifest, run.sizes));
  }
  return slices.filter((slice) => slice.files.length > 0);
}

type AzureRun = { manifest: string; submittedMs: number; paths: string[]; sizes: Map<string, number> };

async function newestAzureRun(store: FileStore, folder: string): Promise<AzureRun | null> {
  const runs = await store.listFolders(folder);
  if (runs.length > MAX_RUNS_PER_PERIOD)
    throw new AppError("limit_reached", `There are more than ${MAX_RUNS_PER_PERIOD} runs in ${store.root}/${folder}.`, {
      remedy: "Delete old runs of the export.",
    });
  let newest: AzureRun | null = null;
  for (const run of runs.toSorted()) {
    const path = join(folder, run, "manifest.json");
    // The manifest is written last: a run without one is not complete yet.
    const found = await store.readText(path);
    if (found === null) continue;
    const manifest = parseAzureManifest(found.text, path);
    const submittedMs = Date.parse(manifest.runInfo.submittedTime);
    if (Number.isNaN(submittedMs))
      throw new AppError("bad_data", "The manifest's submittedTime is not a time.", {
        place: { file: path, column: "runInfo.submittedTime", value: manifest.runInfo.submittedTime },
      });
    if (newest !== null && submittedMs < newest.submittedMs) continue;
    // Azure keeps data files beside their manifest; blobName repeats the container's whole path, which a copy may not have.
    const named = manifest.blobs.map((blob) => ({
      path: join(folder, run, basename(blob.blobName)),
      size: blob.byteCount,
    }));
    const sizes = new Map(
      named.flatMap(({ path: blobPath, size }) => (size === undefined ? [] : [[blobPath, size] as const])),
    );
    newest = { manifest: path, submittedMs, paths: named.map((blob) => blob.path), sizes };
  }
  return newest;
}

/** The folder of the export: the root, or the only folder below it that looks like one. */
async function findExport(store: FileStore, isExport: (folders: string[]) => boolean): Promise<string> {
  const folders = await store.listFolders("");
  if (isExport(folders)) return "";
  const found: string[] = [];
  for (const folder of folders.toSorted()) if (isExport(await store.listFolders(folder))) found.push(folder);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new AppError(
    "invalid_config",
    found.length === 0
      ? `There is no export at ${store.root}.`
      : `There are several exports at ${store.root}: ${found.join(", ")}.`,
    {
      remedy: "Set the source's prefix (or path) to the folder of one export, and check its layout.",
      place: { file: store.root },
    },
  );
}

async function toSlice(
  store: FileStore,
  period: string,
  paths: string[],
  manifest: string,
  sizes: ReadonlyMap<string, number> = new Map(),
): Promise<OfferedSlice> {
  const files: SourceFile[] = [];
  for (let from = 0; from < paths.length; from += PARALLEL) {
    const described = paths.slice(from, from + PARALLEL).map((path) => toFile(store, path, manifest, sizes.get(path)));
    files.push(...(await Promise.all(described)));
  }
  return { period, files, fingerprint: fingerprintOf(files) };
}

async function toFile(
  store: FileStore,
  path: string,
  manifest: string,
  expectedSize: number | undefined,
): Promise<SourceFile> {
  const format = formatOf(path);
  if (format === null)
    throw new AppError("bad_data", `The manifest names a file that is neither CSV nor Parquet: ${path}`, {
      remedy: "Set the export's format to Parquet, or to CSV with gzip or no compression.",
      place: { file: manifest, value: path },
    });
  const found = await store.describe(path);
  // A file that is named but not there, or not whole, stops its own month only: reading the slice refuses it.
  if (found === null || (expectedSize !== undefined && found.size !== expectedSize))
    return { name: path, location: `${store.root}/${path}`, size: 0, version: MISSING_VERSION, format };
  return { name: path, format, ...found };
}

function join(...parts: string[]): string {
  return parts.filter(Boolean).join("/");
}
