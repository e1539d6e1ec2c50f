import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { resolveHome } from "#lib/db/home.ts";
import { AppError, toAppError } from "#lib/errors.ts";
import { clusterStamp, loadClusterIdentities } from "#lib/services/cluster-bill/load-identities.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { publishClusters } from "#lib/services/clusters/publish-clusters.ts";
import { publishDirectory } from "#lib/services/directory/publish-directory.ts";
import { publishRates } from "#lib/services/directory/publish-rates.ts";
import { publishOrganization } from "#lib/services/inventory/publish-organization.ts";
import { publishEvaluationSlice } from "#lib/services/evaluations/publish-slice.ts";
import { failRun, finishRun, takeRun, type RunLease } from "#lib/services/runs/run-lease.ts";
import { publishSlice } from "#lib/services/slices/publish-slice.ts";
import { publishEvents } from "#lib/services/trail/append/publish-events.ts";
import { covers, currentProjection } from "#lib/services/sources/projection.ts";
import { loadSource, type LoadedSource } from "#lib/services/sources/load-source.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

export type PullRequest = {
  runId: string;
  sourceKey: string;
  period: string;
  signal?: AbortSignal;
  /** Called with every progress of this process, for a terminal's progress bar. */
  onProgress?: RunLease["report"];
};

/**
 * Reads one slice from its source and publishes it. A slice whose files and projection are those of the published one ends as
 * "unchanged". Where anything fails the published figures stay, marked stale, and the run tells why; the error is thrown again
 * for the job queue to retry.
 */
export async function pullSlice(context: ServiceContext, request: PullRequest): Promise<void> {
  await authorise(context, "sources:pull", `${request.sourceKey} ${request.period}`);
  const lease = listened(await takeRun(context.database, request.runId, request.signal), request.onProgress);
  const home = resolveHome();
  const scratchRoot = join(home, "scratch");
  await mkdir(scratchRoot, { recursive: true });
  const scratchDir = await mkdtemp(join(scratchRoot, "pull-"));
  try {
    const source = await loadSource(context.database, request.sourceKey, request.runId);
    lease.report({ step: "Looking for files", done: 0, total: 1, unit: "listing" });
    const offered = await offeredSlice(source, request.period, lease);
    await pullDataset(context, lease, source, offered, { scratchDir, cacheDir: join(home, "cache") });
  } catch (thrown) {
    const error = lease.signal.aborted ? toAppError(lease.signal.reason ?? thrown) : toAppError(thrown);
    await failRun(context.database, lease, error);
    throw error;
  } finally {
    lease.release();
    await rm(scratchDir, { recursive: true, force: true });
  }
}

async function offeredSlice(
  source: LoadedSource,
  period: string,
  { signal, logicalTime, trigger }: RunLease,
): Promise<OfferedSlice> {
  const slices = await source.plan({ signal, logicalTime, reread: isAskedFor({ trigger }), only: period });
  const found = slices.find((slice) => slice.period === period);
  if (found) return found;
  const offered = slices.map((slice) => slice.period).toSorted();
  throw new AppError("bad_data", `The source ${source.key} offers nothing for ${period}.`, {
    remedy:
      offered.length === 0
        ? "No file was found where the configuration points. Check the path, the prefix and the layout."
        : `It offers ${offered[0]} to ${offered.at(-1)}. Ask whoever delivers the files for the missing month.`,
  });
}

async function pullDataset(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  offered: OfferedSlice,
  folders: { scratchDir: string; cacheDir: string },
): Promise<void> {
  const published = await publishedState(context, source.key, offered.period);
  await context.database.pool.query("UPDATE slice SET offered = $2 WHERE id = $1", [
    published.sliceId,
    offered.fingerprint,
  ]);
  const projection = await currentProjection(context.database.pool);
  // What has no files has no version to compare either: somebody who asks for it gets it read.
  const clusters = await loadClusterIdentities(context.database.pool);
  const isUnchanged =
    published.fingerprint === offered.fingerprint &&
    // Machines come and go by the hour; whoever asks for a period gets its charges looked through with what is known now.
    !(source.dataset === "cost" && isAskedFor(lease) && published.clusters !== clusterStamp(clusters)) &&
    !(offered.files.length === 0 && isAskedFor(lease)) &&
    (source.dataset !== "cost" || (published.projection !== null && covers(published.projection, projection)));
  if (isUnchanged) return endUnchanged(context, lease, published.sliceId);

  if (source.dataset === "directory") return publishDirectory(context, lease, source, published.sliceId, offered);
  if (source.hasClusters) return publishClusters(context, lease, source, published.sliceId, offered);
  if (source.dataset === "inventory") return publishOrganization(context, lease, source, published.sliceId, offered);
  if (source.dataset === "evaluations")
    return publishEvaluationSlice(context, lease, source, published.sliceId, offered);
  if (source.dataset === "events") return publishEvents(context, lease, source, published.sliceId, offered);
  if (source.dataset === "rates") return publishRates(context, lease, source, published.sliceId, offered);
  const reading = await source.readCost(offered, {
    ...folders,
    projection,
    clusters,
    signal: lease.signal,
    onProgress: lease.report,
  });
  try {
    await publishSlice(context, lease, {
      sliceId: published.sliceId,
      sourceKey: source.key,
      period: offered.period,
      reason: "load",
      connection: reading.connection,
      controlTotals: reading.controlTotals,
      clusterCosts: reading.clusterCosts ?? null,
      clusterStamp: clusterStamp(clusters),
      counts: reading.counts,
      projection,
      fingerprint: offered.fingerprint,
      dataUntil: reading.dataUntil,
      findings: reading.findings,
      files: offered.files,
      scratchDir: folders.scratchDir,
      verifyUnchanged: () => reading.verifyUnchanged(),
    });
  } finally {
    await reading.close();
  }
}

/** True where a person wants the period, rather than a schedule or a changed rule. */
function isAskedFor({ trigger }: Pick<RunLease, "trigger">): boolean {
  return trigger === "person" || trigger === "command-line";
}

async function publishedState(
  context: ServiceContext,
  sourceKey: string,
  period: string,
): Promise<{ sliceId: number; fingerprint: string | null; clusters: string | null; projection: Projection | null }> {
  const { rows } = await context.database.pool.query<{
    id: number;
    published: string | null;
    clusters: string | null;
    projection: Projection | null;
  }>(
    `SELECT s.id, s.published, s.clusters, p.projection FROM slice s LEFT JOIN publication p ON p.id = s.publication_id
     WHERE s.source_key = $1 AND s.period = $2`,
    [sourceKey, period],
  );
  const row = rows[0];
  if (!row) throw new AppError("not_found", `There is no slice ${sourceKey} ${period}.`);
  return { sliceId: row.id, fingerprint: row.published, clusters: row.clusters, projection: row.projection };
}

async function endUnchanged(context: ServiceContext, lease: RunLease, sliceId: number): Promise<void> {
  await context.database.transact(async ({ sql }) => {
    await sql.query("UPDATE slice SET stale = false WHERE id = $1", [sliceId]);
    await finishRun(sql, lease, { state: "unchanged", counts: null, controlTotals: null });
  });
}

function listened(lease: RunLease, onProgress: RunLease["report"] | undefined): RunLease {
  if (!onProgress) return lease;
  return {
    ...lease,
    report: (progress) => {
      lease.report(progress);
      onProgress(progress);
    },
  };
}
