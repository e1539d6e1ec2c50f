import { subscribe, tracingChannel } from "node:diagnostics_channel";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { openDatabase } from "#lib/db/client.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { MERKLE_CHANNEL, MERKLE_STATEMENTS, threadCpuMs } from "#lib/services/trail/append/seal-events.ts";
import { verifyTrail } from "#lib/services/trail/verify/verify-trail.ts";
import { millisecondsOf } from "#test/bench/measure.ts";

/**
 * What one load took. `nodeMs` and `databaseMs`: the CPU of this process with all its threads, and of the database's processes that worked for it; `merkleMs`: what the
 * Merkle tree had of both. `peakMib` is of this process.
 */
export type LoadResult = {
  milliseconds: number;
  nodeMs: number;
  databaseMs: number;
  merkleMs: number;
  peakMib: number;
  events: number;
};

const SOURCE = "bench";
const PIECE_CHARACTERS = 64 * 1024;
const [, , way, url = "", folder = "", period = ""] = process.argv;

const database = openDatabase(url);
try {
  console.log(JSON.stringify(way === "floor" ? await measureFloor() : await measurePull()));
} finally {
  await database.close();
}

/** The least that anybody has to do: each record as a row of its id, its time and its JSON, in one COPY. No index. */
async function measureFloor(): Promise<LoadResult> {
  await database.pool.query("CREATE TABLE floor (event_id text, event_time timestamptz, record jsonb)");
  return measured("floor", () =>
    database.transact(({ sql }) =>
      pipeline(linesOf, sql.query(copyFrom("COPY floor (event_id, event_time, record) FROM STDIN"))),
    ),
  );
}

function* linesOf(): Generator<Buffer> {
  let piece = "";
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()) {
    if (!name.endsWith(".json.gz")) continue;
    const { Records } = JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as {
      Records: { eventID: string; eventTime: string }[];
    };
    for (const record of Records) {
      piece += `${record.eventID}\t${record.eventTime}\t${JSON.stringify(record).replaceAll("\\", "\\\\")}\n`;
      if (piece.length < PIECE_CHARACTERS) continue;
      yield Buffer.from(piece);
      piece = "";
    }
  }
  yield Buffer.from(piece);
}

/** The pull of a slice that was never loaded, from looking for files to the end of its run. What it has stored has to hold. */
async function measurePull(): Promise<LoadResult> {
  const context = { actor: SYSTEM_ACTOR, database, now: new Date() };
  await syncSources(context);
  const runId = await database.transact(async (transaction) => {
    const sliceId = await ensureSlice(transaction, { sourceKey: SOURCE, dataset: "events", period });
    const run = {
      kind: "pull",
      sourceKey: SOURCE,
      sliceId,
      period,
      trigger: "schedule",
      logicalTime: context.now,
    } as const;
    return (await requestRun(transaction, context, run)).runId;
  });
  const result = await measured("event", () => pullSlice(context, { runId, sourceKey: SOURCE, period }));
  const { rows } = await database.pool.query("SELECT code, file, message FROM finding LIMIT 1");
  if (rows.length > 0) throw new Error(`The untouched trail has a finding: ${JSON.stringify(rows[0])}`);
  const { damages } = await verifyTrail(database.pool, []);
  if (damages.length > 0) throw new Error(`The log does not hold: ${JSON.stringify(damages[0])}`);
  return result;
}

async function measured(table: "floor" | "event", work: () => Promise<void>): Promise<LoadResult> {
  let merkleMs = 0;
  subscribe(MERKLE_CHANNEL, (took) => (merkleMs += Number(took)));
  watchStatements((took) => (merkleMs += took));
  const databaseBefore = await backendsCpuMs();
  const before = process.cpuUsage();
  const milliseconds = await millisecondsOf(work);
  const { user, system } = process.cpuUsage(before);
  const databaseMs = [...(await backendsCpuMs())].reduce(
    (sum, [pid, took]) => sum + took - (databaseBefore.get(pid) ?? 0),
    0,
  );
  const peakMib = process.resourceUsage().maxRSS / 1024;
  const { rows } = await database.pool.query<{ count: string }>(`SELECT count(*) AS count FROM ${table}`);
  return {
    milliseconds,
    nodeMs: (user + system) / 1_000,
    databaseMs,
    merkleMs,
    peakMib,
    events: Number(rows[0]?.count),
  };
}

/** A statement's CPU is that of this thread until it is sent, and that of the database until it is answered. */
function watchStatements(tell: (took: number) => void): void {
  type Statement = { sql: PoolClient & { processID: number }; begun: number; backend: number };
  tracingChannel<unknown, Statement>(MERKLE_STATEMENTS).subscribe({
    start(statement) {
      statement.begun = threadCpuMs();
      statement.backend = backendCpuMs(statement.sql.processID);
    },
    end: ({ begun }) => tell(threadCpuMs() - begun),
    asyncStart: ({ sql, backend }) => tell(backendCpuMs(sql.processID) - backend),
    asyncEnd: () => undefined,
    error: () => undefined,
  });
}

/** By process, of all that are connected to the database. */
async function backendsCpuMs(): Promise<Map<number, number>> {
  const { rows } = await database.pool.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
  );
  return new Map(rows.map(({ pid }) => [pid, backendCpuMs(pid)]));
}

/** What a process of the bench's own database has used of CPU, which Linux counts; elsewhere it is left out everywhere. */
function backendCpuMs(pid: number): number {
  if (process.platform !== "linux") return 0;
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1_000_000;
}
