import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { addDays, type Day } from "#lib/domain/period.ts";

export type StoredUsageDay = {
  clusterKey: string;
  day: Day;
  sourceKey: string;
  origin: "prometheus" | "opencost" | "samples";
  observedHours: readonly number[];
  isFinal: boolean;
  stamp: string;
  readAt: Date;
};

const MEASURES = [
  "cpuRequested",
  "cpuUsed",
  "cpuLarger",
  "memoryRequested",
  "memoryUsed",
  "memoryLarger",
  "gpuRequested",
  "gpuUsed",
  "gpuLarger",
  "networkBytes",
  "volumeGib",
  "pods",
] as const;

const COLUMNS = `cluster_key, hour, namespace, namespace_uid, node, ${MEASURES.map(columnOf).join(", ")}`;

/** A row of namespace_usage_hour: hour of the day, UTC; null = not observed. */
export type StoredUse = { hour: number; namespace: string; uid: string; node: string } & Record<
  (typeof MEASURES)[number],
  number | null
>;

/** Rows that are sent at a time. */
const ROWS_PER_CHUNK = 1_000;

/**
 * Replaces a cluster's day of usage, whole, in the caller's transaction; answers whether it says anything else than before.
 * A day that is the same is left alone, but for what is known about its reading.
 */
export async function swapUsageDay(
  sql: PoolClient,
  usage: StoredUsageDay,
  rows: readonly StoredUse[],
): Promise<boolean> {
  const { clusterKey, day } = usage;
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('cluster-usage ' || $1, 0))", [clusterKey]);
  const before = await sql.query<{ stamp: string }>("SELECT stamp FROM usage_day WHERE cluster_key = $1 AND day = $2", [
    clusterKey,
    day,
  ]);
  await sql.query(
    `INSERT INTO usage_day (cluster_key, day, source_key, origin, observed_hours, is_final, stamp, read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (cluster_key, day) DO UPDATE SET source_key = excluded.source_key, origin = excluded.origin, observed_hours = excluded.observed_hours,
       is_final = excluded.is_final, stamp = excluded.stamp, read_at = excluded.read_at`,
    [clusterKey, day, usage.sourceKey, usage.origin, usage.observedHours, usage.isFinal, usage.stamp, usage.readAt],
  );
  if (before.rows[0]?.stamp === usage.stamp) return false;
  await sql.query(
    "DELETE FROM namespace_usage_hour WHERE cluster_key = $1 AND hour >= $2::date::timestamp AT TIME ZONE 'UTC' AND hour < $3::date::timestamp AT TIME ZONE 'UTC'",
    [clusterKey, day, addDays(day, 1)],
  );
  await pipeline(
    Readable.from(csvOf(usage, rows)),
    sql.query(copyFrom(`COPY namespace_usage_hour (${COLUMNS}) FROM STDIN (FORMAT csv)`)),
  );
  return true;
}

function* csvOf({ clusterKey, day }: StoredUsageDay, rows: readonly StoredUse[]): Generator<string> {
  for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK)
    yield rows
      .slice(from, from + ROWS_PER_CHUNK)
      .map((row) => {
        const hour = `${day}T${String(row.hour).padStart(2, "0")}:00:00Z`;
        // An empty field is null; an empty text has quotes.
        const texts = [clusterKey, hour, row.namespace, row.uid, row.node].map(quoted);
        return `${[...texts, ...MEASURES.map((name) => row[name] ?? "")].join(",")}\n`;
      })
      .join("");
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function columnOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Days of a range that were read for good. */
export async function readFinalDays(
  sql: SqlExecutor,
  { clusterKey, from, to }: { clusterKey: string; from: Day; to: Day },
): Promise<Set<Day>> {
  const { rows } = await sql.query(
    "SELECT day::text FROM usage_day WHERE cluster_key = $1 AND day >= $2 AND day < $3 AND is_final",
    [clusterKey, from, to],
  );
  return new Set(rows.map((row) => row.day as Day));
}
