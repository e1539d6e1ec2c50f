import { z } from "zod";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { PSEUDONYM_ORDERED, ORDER_FINISHED, ORDER_PAUSED } from "#lib/services/trail/retention/forget-batch.ts";
import type { PseudonymOrderView } from "#lib/services/trail/retention/retention-view.ts";

/** Newer ones come first; older ones are in the log. */
const MOST_ORDERS = 50;

const ended = z.object({
  order: z.string(),
  /** Null: nothing beside the log was changed, as something was held. */
  tables: z
    .array(z.object({ waits: z.number().default(0), holds: z.array(z.number()).default([]) }))
    .nullable()
    .default([]),
  held: z.number().default(0),
});

/** The newest orders of pseudonyms, and what is left to do of each. What is left of an older one about the same person is told of the newest one. */
export async function readOrders(sql: SqlExecutor, now: Date): Promise<PseudonymOrderView[]> {
  const { rows } = await sql.query(
    `SELECT o.after->>'order' AS "order", coalesce(f.at, o.at) AS at, coalesce(f.entries, 0) AS entries,
       NOT EXISTS (SELECT FROM activity n WHERE n.action = $1 AND n.subject = o.subject AND n.id > o.id) AS "isNewest",
       ARRAY(SELECT jsonb_build_object('action', e.action) || e.after FROM activity e
         WHERE e.action = ANY($2) AND e.subject = o.subject AND e.after->>'order' = o.after->>'order' ORDER BY e.id) AS ends
     FROM activity o LEFT JOIN (SELECT rule, max(at) AS at, sum(entries)::int AS entries FROM event_forgetting WHERE kind = 'pseudonym' GROUP BY rule) f
       ON f.rule = 'order ' || (o.after->>'order')
     WHERE o.action = $1 ORDER BY o.id DESC LIMIT ${MOST_ORDERS}`,
    [PSEUDONYM_ORDERED, [ORDER_FINISHED, ORDER_PAUSED]],
  );
  const inForce = await readHoldsInForce(sql, now);
  return (rows as OrderRow[]).map(({ order, at, entries, isNewest, ends }) => ({
    order,
    at: at.toISOString(),
    entries,
    left: isNewest ? leftOf(ends, inForce) : null,
  }));
}

type OrderRow = { order: string; at: Date; entries: number; isNewest: boolean; ends: unknown[] };

function leftOf(ends: readonly unknown[], inForce: ReadonlySet<number>): PseudonymOrderView["left"] {
  const parsed = ends.map((one) => ended.extend({ action: z.string() }).parse(one));
  const last = parsed.findLast(({ action }) => action === ORDER_FINISHED);
  const hasHeld = parsed.some(({ held }) => held > 0);
  if (last === undefined) return { isCutOff: true, hasHeld, texts: null, holds: [] };
  const texts = last.tables?.reduce((sum, { waits }) => sum + waits, 0) ?? null;
  if (texts === 0 && !hasHeld) return null;
  const holds = [...new Set(last.tables?.flatMap((one) => one.holds))];
  return { isCutOff: false, hasHeld, texts, holds: holds.filter((id) => inForce.has(id)).toSorted((a, b) => a - b) };
}

async function readHoldsInForce(sql: SqlExecutor, now: Date): Promise<Set<number>> {
  const { rows } = await sql.query(
    "SELECT id FROM trail_hold WHERE lifted_at IS NULL AND (until IS NULL OR until > $1)",
    [now],
  );
  return new Set(rows.map(({ id }) => Number(id)));
}
