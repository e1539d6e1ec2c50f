import { basename, resolve } from "node:path";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import type { ProgressListener } from "#lib/sources/source.ts";

export type ImportRequest = {
  files: string[];
  onProgress?: (file: string, progress: Parameters<ProgressListener>[0]) => void;
};

/**
 * Loads FOCUS files given by hand. Each file (or folder, or glob) becomes a source of its own, named after it, so that importing it
 * again replaces it and importing another adds to it. Pulls in this process and answers every run; a failed one does not stop the rest.
 */
export async function importFiles(context: ServiceContext, request: ImportRequest): Promise<RunView[]> {
  await authorise(context, "sources:pull", request.files.join(", "));
  const runs: RunView[] = [];
  for (const file of request.files) runs.push(...(await importFile(context, resolve(file), request)));
  return runs;
}

async function importFile(context: ServiceContext, path: string, request: ImportRequest): Promise<RunView[]> {
  const sourceKey = keyFor(path);
  await context.database.transact(async ({ sql }) => {
    const taken = await sql.query<{ kind: string }>("SELECT kind FROM source WHERE key = $1", [sourceKey]);
    if (taken.rows[0] && taken.rows[0].kind !== "import")
      throw new AppError(
        "conflict",
        `"${sourceKey}" is a configured source, so the file cannot be imported under that name.`,
        { remedy: "Rename the file, or pull the source." },
      );
    await sql.query(
      `INSERT INTO source (key, kind, title, dataset, settings) VALUES ($1, 'import', $2, 'cost', $3)
       ON CONFLICT (key) DO UPDATE SET settings = excluded.settings, removed_at = NULL`,
      [sourceKey, basename(path), JSON.stringify({ layout: "files", path })],
    );
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "files.imported",
      subject: sourceKey,
      after: { path },
    });
  });
  const source = await loadSource(context.database, sourceKey);
  const offered = await source.plan();
  if (offered.length === 0)
    throw new AppError("bad_data", `Nothing to import was found at ${path}.`, {
      remedy: "Give a *.csv, *.csv.gz or *.parquet file, a folder of them, or a glob.",
      place: { file: path },
    });
  const runs: RunView[] = [];
  for (const { period } of offered) {
    const { runId } = await context.database.transact(async (transaction) => {
      const sliceId = await ensureSlice(transaction, { sourceKey, dataset: "cost", period });
      return requestRun(transaction, context, {
        kind: "import",
        sourceKey,
        sliceId,
        period,
        trigger: "command-line",
        logicalTime: context.now,
      });
    });
    // The run keeps the error; the caller reads it there, and the other periods are loaded all the same.
    await pullSlice(context, {
      runId,
      sourceKey,
      period,
      onProgress: (progress) => request.onProgress?.(`${sourceKey} ${period}`, progress),
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof AppError)) throw thrown;
    });
    runs.push(await readRun(context, { runId }));
  }
  return runs;
}

/** A source's name out of a file's: "focus_sample_1.0.csv" → "focus-sample-1-0". */
function keyFor(path: string): string {
  const stem = basename(path).replace(/\.(csv|csv\.gz|parquet)$/i, "");
  const key = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return key || "import";
}
