import type { Database } from "#lib/db/client.ts";
import { ensureSlice } from "#lib/services/runs/request-run.ts";
import { cutSample, finding } from "#lib/sources/finding.ts";
import type { AuditOrigin, OddItem } from "#lib/sources/kubernetes-audit/parse-events.ts";

/** Nobody has the item any more but here. */
const SAMPLE_CHARACTERS = 1_000;

/** Keeps items of the webhook that are no events: by the field that is the reason, how many came, and the first of them as far as it is kept. */
export async function keepOddItems(
  database: Database,
  { sourceKey, clusterKey }: AuditOrigin,
  odd: readonly OddItem[],
): Promise<void> {
  if (odd.length === 0) return;
  const period = `${clusterKey}/webhook`;
  await database.transact(async (transaction) => {
    // The slice's row is locked until the end, so that two requests add to one finding.
    const sliceId = await ensureSlice(transaction, { sourceKey, dataset: "events", period });
    for (const [field, items] of Map.groupBy(odd, (item) => item.field)) {
      const { code, message } = finding("event_not_understood", period);
      const sample = cutSample(items[0]?.text ?? "", SAMPLE_CHARACTERS)
        .toWellFormed()
        .replaceAll("\0", "\uFFFD");
      await transaction.sql.query(
        `WITH added AS (UPDATE finding SET count = least(count::bigint + $5, 2147483647)
           WHERE slice_id = $1 AND file = $2 AND code = $3 AND "column" = $4 RETURNING 1)
         INSERT INTO finding (slice_id, file, code, "column", message, count, first_row, sample)
         SELECT $1, $2, $3, $4, $6, $5, $7, $8 WHERE NOT EXISTS (SELECT FROM added)`,
        [sliceId, period, code, field, items.length, message, items[0]?.row ?? null, sample],
      );
    }
  });
}
