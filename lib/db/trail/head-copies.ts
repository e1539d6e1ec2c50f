import type { SqlExecutor } from "#lib/db/activity.ts";
import type { AppErrorJson } from "#lib/errors.ts";

/** A published head as its row has it; `signature` in base64. */
export type StoredHead = { size: number; root: string; at: Date; keyId: string; signature: string };

const HEAD = "h.size::float8 AS size, h.root, h.at, h.key_id, h.signature";

/** The newest heads that a place does not have yet, at most `most`, in order of size. */
export async function readUncopied(sql: SqlExecutor, place: string, most: number): Promise<StoredHead[]> {
  const { rows } = await sql.query(
    `SELECT ${HEAD} FROM tree_head h WHERE NOT EXISTS (SELECT FROM tree_head_copy c WHERE c.place = $1 AND c.size = h.size)
     ORDER BY h.size DESC LIMIT $2`,
    [place, most],
  );
  return rows.map(toHead).toReversed();
}

/** Time stamps of heads that a place has, which are not there yet, at most `most`, the newest first. */
export async function readUncopiedStamps(
  sql: SqlExecutor,
  place: string,
  most: number,
): Promise<{ size: number; stamp: Uint8Array }[]> {
  const { rows } = await sql.query(
    `SELECT c.size::float8 AS size, h.stamp FROM tree_head_copy c JOIN tree_head h USING (size)
     WHERE c.place = $1 AND c.stamp_waits ORDER BY c.size DESC LIMIT $2`,
    [place, most],
  );
  return rows.map(({ size, stamp }) => ({ size: Number(size), stamp: stamp as Uint8Array }));
}

/** The newest head where it has no time stamp of its own yet; null where it has one, or nothing was published. */
export async function readUnstamped(sql: SqlExecutor): Promise<StoredHead | null> {
  const { rows } = await sql.query(`SELECT ${HEAD}, h.stamped_at FROM tree_head h ORDER BY h.size DESC LIMIT 1`);
  const [row] = rows;
  return row === undefined || row["stamped_at"] !== null ? null : toHead(row);
}

/** Keeps the time stamp of a head, which from then on waits in each place that has the head. Within a transaction. */
export async function keepStamp(sql: SqlExecutor, size: number, stamp: Uint8Array, at: Date): Promise<void> {
  const kept = await sql.query("UPDATE tree_head SET stamp = $2, stamped_at = $3 WHERE size = $1 AND stamp IS NULL", [
    size,
    Buffer.from(stamp),
    at,
  ]);
  if (kept.rowCount === 1) await sql.query("UPDATE tree_head_copy SET stamp_waits = true WHERE size = $1", [size]);
}

/** The heads are locked, so that a stamp which is kept at the same moment waits in this place too. */
export async function noteCopies(sql: SqlExecutor, place: string, sizes: readonly number[], at: Date): Promise<void> {
  await sql.query(
    `WITH h AS (SELECT size, stamped_at FROM tree_head WHERE size = ANY($2::bigint[]) ORDER BY size FOR UPDATE)
     INSERT INTO tree_head_copy (place, size, at, stamp_waits) SELECT $1, size, $3, stamped_at IS NOT NULL FROM h ON CONFLICT DO NOTHING`,
    [place, sizes, at],
  );
}

export async function noteStampCopy(sql: SqlExecutor, place: string, size: number): Promise<void> {
  await sql.query("UPDATE tree_head_copy SET stamp_waits = false WHERE place = $1 AND size = $2", [place, size]);
}

/** That it works now (null), or how it failed: since when stays. */
export async function noteOutcome(
  sql: SqlExecutor,
  place: string,
  error: AppErrorJson | null,
  now: Date,
): Promise<void> {
  if (error === null) return void (await sql.query("DELETE FROM tree_head_failure WHERE place = $1", [place]));
  await sql.query(
    `INSERT INTO tree_head_failure (place, since, at, error) VALUES ($1, $2, $2, $3)
     ON CONFLICT (place) DO UPDATE SET at = excluded.at, error = excluded.error`,
    [place, now, JSON.stringify(error)],
  );
}

export type CopyStanding = {
  /** Entries and time of the newest head that is there. */
  newest: { size: number; at: Date; copiedAt: Date } | null;
  /** Heads that are not there yet, and when the first of them was published. */
  waiting: number;
  waitingSince: Date | null;
};

export async function readCopyStanding(sql: SqlExecutor, place: string): Promise<CopyStanding> {
  const newest = await sql.query(
    `SELECT h.size::float8 AS size, h.at, c.at AS copied_at FROM tree_head_copy c JOIN tree_head h USING (size)
     WHERE c.place = $1 ORDER BY c.size DESC LIMIT 1`,
    [place],
  );
  const waiting = await sql.query(
    `SELECT count(*)::int AS waiting, min(h.at) AS since FROM tree_head h
     WHERE NOT EXISTS (SELECT FROM tree_head_copy c WHERE c.place = $1 AND c.size = h.size)`,
    [place],
  );
  const [row] = newest.rows;
  return {
    newest: row ? { size: Number(row["size"]), at: row["at"] as Date, copiedAt: row["copied_at"] as Date } : null,
    waiting: Number(waiting.rows[0]?.["waiting"] ?? 0),
    waitingSince: (waiting.rows[0]?.["since"] as Date | null) ?? null,
  };
}

export type HeadWithCopies = Omit<StoredHead, "signature"> & { stampedAt: Date | null; places: string[] };

/** The newest heads, the newest first, with those of the places that have them. */
export async function readNewestHeads(
  sql: SqlExecutor,
  places: readonly string[],
  most: number,
): Promise<HeadWithCopies[]> {
  const { rows } = await sql.query(
    `SELECT ${HEAD}, h.stamped_at, ARRAY(SELECT place FROM tree_head_copy c WHERE c.place = ANY($1) AND c.size = h.size) AS places
     FROM tree_head h ORDER BY h.size DESC LIMIT $2`,
    [places, most],
  );
  return rows.map((row) => {
    const { signature: _, ...head } = toHead(row);
    return { ...head, stampedAt: row["stamped_at"] as Date | null, places: row["places"] as string[] };
  });
}

export type HeadFailure = { place: string; since: Date; at: Date; error: AppErrorJson };

export async function readHeadFailures(sql: SqlExecutor): Promise<HeadFailure[]> {
  const { rows } = await sql.query("SELECT place, since, at, error FROM tree_head_failure ORDER BY place");
  return rows.map((row) => ({
    place: String(row["place"]),
    since: row["since"] as Date,
    at: row["at"] as Date,
    error: row["error"] as AppErrorJson,
  }));
}

function toHead(row: Record<string, unknown>): StoredHead {
  return {
    size: Number(row["size"]),
    root: String(row["root"]),
    at: row["at"] as Date,
    keyId: String(row["key_id"]),
    signature: String(row["signature"]),
  };
}
