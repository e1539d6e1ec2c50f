import { basename, resolve } from "node:path";
import { readProviderTotals, type ProviderTotals } from "#lib/db/provider-totals.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { loadConfig } from "#lib/config.ts";
import { rankSources } from "#lib/services/sources/rank-sources.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import type { ProgressListener, SourceFinding } from "#lib/sources/source.ts";

export type ImportRequest = {
  files: string[];
  onProgress?: (file: string, progress: Parameters<ProgressListener>[0]) => void;
};

/** What importing did: every run, what was found wrong without stopping it, and what the sources add up to by provider. */
export type ImportResult = {
  runs: RunView[];
  findings: (SourceFinding & { period: string })[];
  totals: (ProviderTotals & { sourceKey: string })[];
};

/**
 * Loads FOCUS files given by hand. Each file (or folder, or glob) becomes a source of its own, named after it, so that importing it
 * again replaces it and importing another adds to it. Pulls in this process and answers every run; a failed one does not stop the rest.
 */
export async function importFiles(context: ServiceContext, request: ImportRequest): Promise<ImportResult> {
  await authorise(context, "sources:pull", request.files.join(", "));
  const result: ImportResult = { runs: [], findings: [], totals: [] };
  const { pool } = context.database;
  for (const file of request.files) {
    const path = resolve(file);
    const sourceKey = keyFor(path);
    result.runs.push(...(await importFile(context, path, request)));
    const totals = await readProviderTotals(pool, sourceKey);
    result.totals.push(...totals.map((total) => ({ sourceKey, ...total })));
    const { rows } = await pool.query<SourceFinding & { period: string }>(
      `SELECT s.period, f.file, f.code, f."column", f.message, f.count, f.first_row AS "firstRow", f.sample
       FROM finding f JOIN slice s ON s.id = f.slice_id WHERE s.source_key = $1 ORDER BY s.period, f.id`,
      [sourceKey],
    );
    result.findings.push(...rows);
  }
  return result;
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
    await rankSources(sql, context, loadConfig());
  });
  const source = await loadSource(context.database, sourceKey);
  const offered = await source.plan({ logicalTime: context.now });
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
