import { recordActivity } from "#lib/db/activity.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import type { RunLease } from "#lib/services/runs/run-lease.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/** Replaces the source's exchange rates whole, in one transaction. */
export async function publishRates(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  sliceId: number,
  offered: OfferedSlice,
): Promise<void> {
  const rates = await source.readRates(offered);
  await context.database.transact(async ({ sql }) => {
    await sql.query("DELETE FROM exchange_rate WHERE source_key = $1", [source.key]);
    await sql.query(
      `INSERT INTO exchange_rate (day, currency, base, rate, source_key)
       SELECT *, $5 FROM unnest($1::date[], $2::text[], $3::text[], $4::numeric[])`,
      [
        rates.map((rate) => rate.day),
        rates.map((rate) => rate.currency),
        rates.map((rate) => rate.base),
        rates.map((rate) => rate.rate),
        source.key,
      ],
    );
    await publishDataset(sql, context, lease, { source, sliceId, offered, records: rates.length });
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "rates.published",
      subject: source.key,
      after: { run: lease.runId, rates: rates.length },
    });
  });
}
