import type { PoolClient } from "pg";
import type { Config } from "#lib/config.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { ServiceContext } from "#lib/services/context.ts";

/** What counts first where nothing is configured: an export's line items, then files given by hand, then the billing API's sums. */
const KIND_ORDER = ["focus", "import", "aws-cost-explorer"];

/**
 * Writes down which cost source counts where several have the same account in the same month: those of `costPrecedence` first and in
 * that order, the others by kind. Sources of one kind that nobody has put in an order are parts of one bill, as an export in several files is,
 * and add up. A rank that changes is a new row, so that an earlier instant is answered as it was then.
 */
export async function rankSources(sql: PoolClient, context: ServiceContext, config: Config): Promise<void> {
  const { rows } = await sql.query<{ key: string; kind: string; rank: number | null }>(
    `SELECT o.key, o.kind, (SELECT r.rank FROM source_rank r WHERE r.source_key = o.key ORDER BY r.from_at DESC LIMIT 1) AS rank
     FROM source o WHERE o.dataset = 'cost' ORDER BY o.key`,
  );
  const rankOf = ({ key, kind }: { key: string; kind: string }) => {
    const place = config.costPrecedence.indexOf(key);
    return place < 0 ? config.costPrecedence.length + KIND_ORDER.indexOf(kind) : place;
  };
  const moved = rows.filter((source) => source.rank !== rankOf(source));
  if (moved.length === 0) return;
  for (const source of moved)
    await sql.query("INSERT INTO source_rank (source_key, from_at, rank) VALUES ($1, clock_timestamp(), $2)", [
      source.key,
      rankOf(source),
    ]);
  await recordActivity(sql, {
    at: context.now,
    actor: context.actor,
    action: "sources.ranked",
    subject: "cost",
    after: Object.fromEntries(rows.map((source) => [source.key, rankOf(source)])),
  });
}
