import type { SqlExecutor } from "#lib/db/activity.ts";
import type { TrailEventView, TrailPlace, TrailQuery } from "#lib/services/trail/trail-view.ts";

const COLUMNS = `seq::float8 AS seq, occurred_at, received_at, source_key AS "sourceKey", actor, actor_kind AS "actorKind", person, action,
  verb_class AS "verbClass", resource, account_id AS "accountId", cluster_key AS "clusterKey", namespace, region, outcome,
  source_address AS "sourceAddress"`;

const EQUAL: Partial<Record<keyof TrailQuery, string>> = {
  actor: "actor",
  action: "action",
  verbClass: "verb_class",
  outcome: "outcome",
  resource: "resource",
  accountId: "account_id",
  clusterKey: "cluster_key",
  namespace: "namespace",
  sourceKey: "source_key",
};
/** What a word may be a part of. */
const SEARCHED = "concat_ws(' ', action, resource, actor, person, namespace, account_id)";
const MOST_WORDS = 6;

/** A WHERE clause over `event` and its values. */
function conditions(query: TrailQuery): { clauses: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const clauses: string[] = [];
  for (const [field, column] of Object.entries(EQUAL)) {
    const value = query[field as keyof TrailQuery];
    if (value !== null) clauses.push(`${column} = ${place(value)}`);
  }
  for (const word of (query.text ?? "").split(/\s+/).filter(Boolean).slice(0, MOST_WORDS))
    clauses.push(`${SEARCHED} ILIKE ${place(`%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`)}`);
  if (query.from) clauses.push(`occurred_at >= ${place(query.from)}`);
  if (query.to) clauses.push(`occurred_at < ${place(query.to)}`);
  return { clauses, values };
}

/** The months that have a partition, newest first: [from, to). */
export async function readEventMonths(sql: SqlExecutor): Promise<{ from: Date; to: Date }[]> {
  const { rows } = await sql.query(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'event'::regclass ORDER BY 1 DESC`,
  );
  return rows.map(({ name }) => {
    const [year = 0, month = 0] = String(name).split("_").slice(-2).map(Number);
    return { from: new Date(Date.UTC(year, month - 1)), to: new Date(Date.UTC(year, month)) };
  });
}

/**
 * At most `limit` events, newest first, from `before` on. Months are looked through one after the other, so that a page costs the same
 * however long the history is.
 */
export async function searchEvents(
  sql: SqlExecutor,
  query: TrailQuery,
  { before, limit }: { before: TrailPlace | null; limit: number },
): Promise<TrailEventView[]> {
  const found: TrailEventView[] = [];
  for (const month of await readEventMonths(sql)) {
    if (query.from && month.to <= query.from) break;
    if ((query.to && month.from >= query.to) || (before && month.from > new Date(before.at))) continue;
    const { clauses, values } = conditions(query);
    const place = (value: unknown) => `$${values.push(value)}`;
    clauses.push(`occurred_at >= ${place(month.from)}`, `occurred_at < ${place(month.to)}`);
    if (before) clauses.push(`(occurred_at, seq) < (${place(before.at)}::timestamptz, ${place(before.seq)})`);
    const { rows } = await sql.query(
      `SELECT ${COLUMNS} FROM event WHERE ${clauses.join(" AND ")} ORDER BY occurred_at DESC, seq DESC LIMIT ${limit - found.length}`,
      values,
    );
    found.push(...rows.map(toView));
    if (found.length >= limit) break;
  }
  return found;
}

/** How many events each of `steps` equal stretches of `[from, to)` has. */
export async function countEvents(
  sql: SqlExecutor,
  query: TrailQuery & { from: Date; to: Date },
  steps: number,
): Promise<number[]> {
  const { clauses, values } = conditions(query);
  const width = (query.to.getTime() - query.from.getTime()) / 1000 / steps;
  const { rows } = await sql.query(
    `SELECT floor(extract(epoch FROM occurred_at - $${values.length + 1}::timestamptz) / $${values.length + 2})::int AS step, count(*)::int AS count
     FROM event WHERE ${clauses.join(" AND ")} GROUP BY 1`,
    [...values, query.from, width],
  );
  const counts = Array.from({ length: steps }, () => 0);
  for (const { step, count } of rows) counts[Number(step)] = Number(count);
  return counts;
}

export function toView(row: Record<string, unknown>): TrailEventView {
  const { occurred_at: at, received_at: receivedAt, ...rest } = row;
  return {
    ...(rest as Omit<TrailEventView, "at" | "receivedAt">),
    at: (at as Date).toISOString(),
    receivedAt: (receivedAt as Date).toISOString(),
  };
}
