import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { dumpCharges } from "#lib/db/dump-charges.ts";
import { resolveHome } from "#lib/db/home.ts";
import { AppError, toAppError } from "#lib/errors.ts";
import { openScratch, loadCharges } from "#lib/rollups/load-charges.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { keepAllocation } from "#lib/services/rules/keep-allocation.ts";
import { failRun, takeRun, type RunLease } from "#lib/services/runs/run-lease.ts";
import { publishSlice } from "#lib/services/slices/publish-slice.ts";
import type { ControlTotals } from "#lib/services/sources/source-view.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";

export type ReallocateRequest = { runId: string; sliceId: number; signal?: AbortSignal };

/**
 * Gives a published slice's cost to its owners anew, by the rules and the directory of now, from the roll-up that is there: the files
 * are not read. The control totals stay those of the source. Where everything belongs to whom it is given already, nothing is published.
 */
export async function reallocateSlice(context: ServiceContext, request: ReallocateRequest): Promise<void> {
  await authorise(context, "sources:pull", `slice ${request.sliceId}`);
  const lease = await takeRun(context.database, request.runId, request.signal);
  const scratchRoot = join(resolveHome(), "scratch");
  await mkdir(scratchRoot, { recursive: true });
  const scratchDir = await mkdtemp(join(scratchRoot, "reallocate-"));
  try {
    await reallocate(context, lease, request.sliceId, scratchDir);
  } catch (thrown) {
    const error = lease.signal.aborted ? toAppError(lease.signal.reason ?? thrown) : toAppError(thrown);
    await failRun(context.database, lease, error);
    throw error;
  } finally {
    lease.release();
    await rm(scratchDir, { recursive: true, force: true });
  }
}

type PublishedSlice = {
  source_key: string;
  period: string;
  publication_id: number;
  projection: Projection;
  totals: ControlTotals;
  data_until: Date | null;
  allocation_basis: string | null;
};

async function reallocate(
  context: ServiceContext,
  lease: RunLease,
  sliceId: number,
  scratchDir: string,
): Promise<void> {
  const { rows } = await context.database.pool.query<PublishedSlice>(
    `SELECT s.source_key, s.period, s.publication_id, p.projection, p.totals, p.data_until, p.allocation_basis
     FROM slice s JOIN publication p ON p.id = s.publication_id WHERE s.id = $1`,
    [sliceId],
  );
  const slice = rows[0];
  if (!slice) throw new AppError("not_found", `Slice ${sliceId} has nothing published that could be allocated anew.`);
  lease.report({ step: "Allocating anew", done: 0, total: 1, unit: "slice" });

  const kept = {
    sliceId,
    period: slice.period,
    publicationId: slice.publication_id,
    allocationBasis: slice.allocation_basis,
  };
  if (await keepAllocation(context, lease, kept)) return;
  const files = await context.database.transact(({ sql }) => dumpCharges(sql, sliceId, scratchDir));
  const scratch = await openScratch(scratchDir);
  try {
    await loadCharges(scratch.connection, files);
    await publishSlice(context, lease, {
      sliceId,
      sourceKey: slice.source_key,
      period: slice.period,
      reason: "reallocation",
      connection: scratch.connection,
      controlTotals: slice.totals,
      counts: {
        files: 0,
        lineItems: Object.values(slice.totals).reduce((sum, total) => sum + total.lineItems, 0),
        bytes: 0,
      },
      projection: slice.projection,
      fingerprint: null,
      dataUntil: slice.data_until,
      findings: null,
      files: null,
      scratchDir,
      // A pull that was published since then has newer rows: allocating the older ones would take them back.
      verifyUnchanged: () => assertStillCurrent(context, sliceId, slice.publication_id),
    });
  } finally {
    await scratch.close();
  }
}

async function assertStillCurrent(context: ServiceContext, sliceId: number, publicationId: number): Promise<void> {
  const { rows } = await context.database.pool.query<{ publication_id: number }>(
    "SELECT publication_id FROM slice WHERE id = $1",
    [sliceId],
  );
  if (rows[0]?.publication_id !== publicationId)
    throw new AppError("superseded", "The slice was published anew while it was being allocated.");
}
