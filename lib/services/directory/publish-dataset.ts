import type { PoolClient } from "pg";
import type { ServiceContext } from "#lib/services/context.ts";
import { finishRun, type RunLease } from "#lib/services/runs/run-lease.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/** Ends the run of a dataset without cost and makes its slice current, in the caller's transaction. */
export async function publishDataset(
  sql: PoolClient,
  context: ServiceContext,
  lease: RunLease,
  slice: { source: LoadedSource; sliceId: number; offered: OfferedSlice; records: number },
): Promise<void> {
  const { rows } = await sql.query<{ id: number }>(
    `INSERT INTO publication (slice_id, run_id, published_at, reason, previous_id, fingerprint)
     SELECT s.id, $2, clock_timestamp(), CASE WHEN s.publication_id IS NULL THEN 'load' ELSE 'redelivery' END, s.publication_id, $3
     FROM slice s WHERE s.id = $1 RETURNING id`,
    [slice.sliceId, lease.runId, slice.offered.fingerprint],
  );
  await sql.query("UPDATE slice SET publication_id = $2, published = $3, stale = false, files = $4 WHERE id = $1", [
    slice.sliceId,
    rows[0]?.id,
    slice.offered.fingerprint,
    JSON.stringify(slice.offered.files),
  ]);
  const bytes = slice.offered.files.reduce((total, file) => total + file.size, 0);
  await finishRun(sql, lease, {
    state: "succeeded",
    counts: { files: slice.offered.files.length, lineItems: slice.records, rollupRows: slice.records, keys: 0, bytes },
    controlTotals: null,
  });
}
