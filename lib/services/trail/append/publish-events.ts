import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { oneAhead } from "#lib/sources/one-ahead.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import type { RunLease } from "#lib/services/runs/run-lease.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import { noWrittenWords, type WrittenWords } from "#lib/db/trail/write-terms.ts";
import { attributeMakings } from "#lib/services/trail/append/observe-makers.ts";
import { turnsOf } from "#lib/domain/trail/gap.ts";
import type { Making } from "#lib/domain/trail/making.ts";
import { appendSealed } from "#lib/services/trail/append/append-events.ts";
import { openSealer, type SealedBatch } from "#lib/services/trail/append/open-sealer.ts";
import type { EventBatch } from "#lib/sources/event-reading.ts";
import type { OfferedSlice, SourceFinding } from "#lib/sources/source.ts";

/**
 * Appends what a slice of a trail has beyond its cursor. Each batch is one transaction: its events, their leaves, the cursor and what was
 * found. A worker that is killed in between has lost nothing and the next one repeats nothing that counts.
 */
export async function publishEvents(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  sliceId: number,
  offered: OfferedSlice,
): Promise<void> {
  const options = { signal: lease.signal, onProgress: lease.report, now: context.now };
  const cursor = await readCursor(context, sliceId);
  const counts = { appended: 0, known: 0 };
  const makings: Pick<Making, "kind" | "clusterKey">[] = [];
  const sealer = openSealer(context.now);
  const written = noWrittenWords();
  try {
    const batches = oneAhead(source.readEvents(offered, { ...options, cursor }));
    for await (const batch of oneAhead(sealed(batches, sealer))) {
      lease.signal.throwIfAborted();
      const kept = await context.database.transact(({ sql }) => keep(sql, lease, sliceId, batch, written));
      const { appended, known } = kept;
      makings.push(...kept.makings);
      counts.appended += appended;
      counts.known += known;
      lease.report({ step: "Appending events", done: counts.appended, total: counts.appended, unit: "events" });
    }
  } finally {
    await sealer.close();
  }
  await attributeMakings(context, source.key, makings);
  await context.database.transact(async ({ sql }) => {
    await publishDataset(sql, context, lease, { source, sliceId, offered, records: counts.appended });
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "trail.read",
      subject: `${source.key} ${offered.period}`,
      after: { run: lease.runId, ...counts },
    });
  });
}

type KeptBatch = Omit<EventBatch, "events"> & SealedBatch;

async function* sealed(
  batches: AsyncIterable<EventBatch>,
  sealer: ReturnType<typeof openSealer>,
): AsyncGenerator<KeptBatch> {
  for await (const batch of batches) yield { ...batch, ...(await sealer.seal(batch.events)) };
}

async function readCursor({ database }: ServiceContext, sliceId: number): Promise<unknown> {
  const { rows } = await database.pool.query<{ cursor: unknown }>("SELECT cursor FROM slice WHERE id = $1", [sliceId]);
  return rows[0]?.cursor ?? null;
}

async function keep(
  sql: PoolClient,
  lease: RunLease,
  sliceId: number,
  { terms, cursor, findings, ...sealed }: KeptBatch,
  written: WrittenWords,
) {
  // Whoever has lost the run to another worker would move the cursor back.
  const held = await sql.query("SELECT 1 FROM run WHERE id = $1 AND attempt = $2 AND state = 'running' FOR SHARE", [
    lease.runId,
    lease.attempt,
  ]);
  if (held.rowCount !== 1)
    throw new AppError("superseded", `Run ${lease.runId} was taken over by another worker; this one appends nothing.`);
  const counts = await appendSealed(sql, sealed, terms, written);
  for (const finding of findings) await keepFinding(sql, sliceId, finding);
  await sql.query("UPDATE slice SET cursor = $2 WHERE id = $1", [sliceId, JSON.stringify(cursor)]);
  return counts;
}

/** What was told of a file is not told again until something has turned since: a gap that was closed can be torn open. */
async function keepFinding(sql: PoolClient, sliceId: number, finding: SourceFinding): Promise<void> {
  const { file, code, column, message, count, firstRow, sample } = finding;
  await sql.query(
    `INSERT INTO finding (slice_id, file, code, "column", message, count, first_row, sample)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8
     WHERE NOT EXISTS (SELECT FROM finding f WHERE slice_id = $1 AND file = $2 AND code = $3 AND message = $5
       AND NOT EXISTS (SELECT FROM finding t WHERE t.slice_id = $1 AND t.file = $2 AND t.id > f.id AND t.code = ANY($9)))`,
    [sliceId, file, code, column, message, count, firstRow, sample, turnsOf(code)],
  );
}
