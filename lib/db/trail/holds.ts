import type { SqlExecutor } from "#lib/db/activity.ts";

/** A hold as its row has it. */
export type StoredHold = {
  id: number;
  reason: string;
  person: string | null;
  accountId: string | null;
  clusterKey: string | null;
  namespace: string | null;
  sourceKey: string | null;
  from: Date | null;
  to: Date | null;
  placedBy: string;
  placedAt: Date;
  until: Date | null;
  liftedBy: string | null;
  liftedAt: Date | null;
  liftReason: string | null;
};

const COLUMNS = `id, reason, person, account_id AS "accountId", cluster_key AS "clusterKey", namespace, source_key AS "sourceKey", "from", "to",
  placed_by AS "placedBy", placed_at AS "placedAt", until, lifted_by AS "liftedBy", lifted_at AS "liftedAt", lift_reason AS "liftReason"`;
/** Beyond them the page says that there are more. */
export const MOST_HOLDS = 500;

/** The newest holds, those that hold now first. */
export async function readHolds(sql: SqlExecutor, now: Date): Promise<StoredHold[]> {
  const { rows } = await sql.query(
    `SELECT ${COLUMNS} FROM trail_hold ORDER BY (lifted_at IS NULL AND (until IS NULL OR until > $1)) DESC, id DESC LIMIT ${MOST_HOLDS}`,
    [now],
  );
  return rows as StoredHold[];
}

/** One hold, locked until the transaction ends; null where there is none. */
export async function lockHold(sql: SqlExecutor, id: number): Promise<StoredHold | null> {
  const { rows } = await sql.query(`SELECT ${COLUMNS} FROM trail_hold WHERE id = $1 FOR UPDATE`, [id]);
  return (rows[0] as StoredHold | undefined) ?? null;
}

/** Where in a row stands what a hold may be about. */
type HeldColumns = Record<"person" | "actor" | "account" | "cluster" | "namespace" | "source" | "at", string>;

const EVENT_COLUMNS: HeldColumns = {
  person: "e.person",
  actor: "e.actor",
  account: "e.account_id",
  cluster: "e.cluster_key",
  namespace: "e.namespace",
  source: "e.source_key",
  at: "e.occurred_at",
};

/** A condition: is the row (an event under the name "e", otherwise `columns`) inside of a hold at the instant `now`, a placeholder? */
export function heldCondition(now: string, columns: HeldColumns = EVENT_COLUMNS): string {
  return `EXISTS (SELECT FROM trail_hold h WHERE ${coveringCondition(now, columns)})`;
}

/** A condition: does the hold `h` hold at the instant `now`, a placeholder? */
export function isInForce(now: string): string {
  return `h.lifted_at IS NULL AND (h.until IS NULL OR h.until > ${now})`;
}

/** The same, and is the row inside of it? */
export function coveringCondition(now: string, columns: HeldColumns = EVENT_COLUMNS): string {
  return `${isInForce(now)}
    AND (h.person IS NULL OR h.person = lower(${columns.person}) OR h.person = lower(${columns.actor}))
    AND (h.account_id IS NULL OR h.account_id = ${columns.account}) AND (h.cluster_key IS NULL OR h.cluster_key = ${columns.cluster})
    AND (h.namespace IS NULL OR h.namespace = ${columns.namespace}) AND (h.source_key IS NULL OR h.source_key = ${columns.source})
    AND (h."from" IS NULL OR ${columns.at} >= h."from") AND (h."to" IS NULL OR ${columns.at} < h."to")`;
}
