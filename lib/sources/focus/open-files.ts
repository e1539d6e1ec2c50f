import { createReadStream, createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { AppError } from "#lib/errors.ts";
import type { ProgressListener, SourceFile } from "#lib/sources/source.ts";
import { createObjectClient, type ObjectClient } from "#lib/sources/focus/client.ts";
import { MISSING_VERSION } from "#lib/sources/focus/file-store.ts";
import { localVersion } from "#lib/sources/focus/local-files.ts";
import { fetchObject, trimCache } from "#lib/sources/focus/object-cache.ts";
import { parseS3Location } from "#lib/sources/focus/s3-file-store.ts";
import type { FocusSpec } from "#lib/sources/focus/spec.ts";

/** A file that DuckDB can read: plain CSV or Parquet on this machine. */
export type OpenFile = { file: SourceFile; path: string; format: "csv" | "parquet" };

export type OpenedFiles = {
  files: OpenFile[];
  /** Names of files that are no longer the version that was listed; only where `acceptChanged` allows it. */
  changed: string[];
  /** Throws AppError("bad_data") where a file is no longer the one that was opened. */
  verifyUnchanged(): Promise<void>;
  close(): void;
};

export type OpenFilesOptions = {
  scratchDir: string;
  cacheDir: string;
  signal: AbortSignal;
  onProgress?: ProgressListener | undefined;
  /** Reading line items long after publication may meet newer files; a pull must not. */
  acceptChanged?: boolean;
};

/** Brings the files of a slice onto this machine, each in exactly the version in which it was listed. */
export async function openFiles(
  spec: FocusSpec,
  files: readonly SourceFile[],
  options: OpenFilesOptions,
): Promise<OpenedFiles> {
  const isRemote = spec.layout !== "files" && spec.bucket !== undefined;
  const client = isRemote ? createObjectClient(spec, options.signal) : null;
  const opened: OpenFile[] = [];
  const versions: { file: SourceFile; version: string }[] = [];
  const changed: string[] = [];
  try {
    for (const [index, file] of files.entries()) {
      options.signal.throwIfAborted();
      options.onProgress?.({ step: "Fetching files", done: index, total: files.length, unit: "files" });
      const { path, version } = await locate(client, file, options);
      if (version !== file.version) changed.push(file.name);
      versions.push({ file, version });
      opened.push(
        file.format === "csv.gz"
          ? {
              file,
              path: await unpack(
                path,
                file,
                join(options.scratchDir, `${index}-${basename(file.name, ".gz")}`),
                options.signal,
              ),
              format: "csv",
            }
          : { file, path, format: file.format === "parquet" ? "parquet" : "csv" },
      );
    }
    if (client) await trimCache(options.cacheDir, new Set(opened.map((one) => one.path)));
  } catch (thrown) {
    client?.close();
    throw thrown;
  }
  return {
    files: opened,
    changed,
    verifyUnchanged: async () => {
      for (const { file, version } of versions) {
        const remote = parseS3Location(file.location);
        if (client && remote) await client.assertVersion(remote.key, version);
        else if ((await localVersion(file.location))?.version !== version) throw replaced(file);
      }
    },
    close: () => client?.close(),
  };
}

async function locate(
  client: ObjectClient | null,
  file: SourceFile,
  options: OpenFilesOptions,
): Promise<{ path: string; version: string }> {
  if (file.version === MISSING_VERSION)
    throw new AppError("bad_data", `The manifest names ${file.name}, which is not there or has another size.`, {
      remedy: "Have the export delivered again; the delivery is incomplete.",
      place: { file: file.name },
    });
  const remote = parseS3Location(file.location);
  if (client && remote) {
    const suffix = file.format;
    try {
      return await fetchObject(client, { ...remote, version: file.version, size: file.size, suffix }, options);
    } catch (thrown) {
      if (!options.acceptChanged || !(thrown instanceof AppError) || thrown.code !== "bad_data") throw thrown;
      const current = await client.head(remote.key);
      if (current === null) throw thrown;
      return fetchObject(client, { ...remote, ...current, suffix }, options);
    }
  }
  const current = await localVersion(file.location);
  if (current === null)
    throw new AppError("bad_data", `${file.name} is not there any more.`, {
      remedy: "Have the file delivered again.",
      place: { file: file.name },
    });
  if (current.version !== file.version && !options.acceptChanged) throw replaced(file);
  return { path: file.location, version: current.version };
}

function replaced(file: SourceFile): AppError {
  return new AppError("bad_data", `${file.name} was replaced while it was read.`, {
    remedy: "Nothing needs to be done: the next pull reads the new delivery.",
    place: { file: file.name },
  });
}

// DuckDB takes the end of a cut-off gzip file for its end and loses the last rows without a word.
// zlib checks the length and the checksum; the plain file can then be read by several threads.
async function unpack(path: string, file: SourceFile, target: string, signal: AbortSignal): Promise<string> {
  const flat = target.replaceAll(/[^\w./-]/g, "_");
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(flat), { signal });
    return flat;
  } catch (cause) {
    signal.throwIfAborted();
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOSPC")
      throw new AppError("limit_reached", "The scratch folder is full.", { remedy: "Free disk space.", cause });
    throw new AppError("bad_data", `${file.name} is not a whole gzip file.`, {
      remedy: "Have the file delivered again; it is damaged or incomplete.",
      place: { file: file.name },
      cause,
    });
  }
}
