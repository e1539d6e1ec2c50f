import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { recordActivity } from "#lib/db/activity.ts";
import { csvSql, CSV_COLUMNS } from "#lib/db/posture/csv-sql.ts";
import { copyRows } from "#lib/db/posture/read-rows.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { openPopulation } from "#lib/services/posture/open-population.ts";
import type { PopulationQuery } from "#lib/services/posture/posture-view.ts";

/** As `writeCsv` of lib/reports begins: so that spreadsheets read names right. */
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * The same rows as `streamEvaluations` as CSV (RFC 4180 with a byte order mark and a header, lines end in LF, no cell starts a formula),
 * written by the database itself. Calls `consume` with the bytes; answers what it answers and how many rows were written. Who took it is logged before the first byte is sent.
 *
 * @throws AppError as `openPopulation`.
 */
export async function copyEvaluations<T>(
  context: ServiceContext,
  query: PopulationQuery,
  consume: (bytes: Readable) => Promise<T>,
): Promise<{ rows: number; consumed: T }> {
  await authorise(context, "compliance:export", "posture");
  const population = await openPopulation(context, query);
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "evaluations.exported",
    subject: query.frameworkId ?? "every rule",
    after: {
      asOf: population.known.toISOString(),
      from: population.from?.toISOString() ?? null,
      filters: query.filters,
    },
  });
  return copyRows(context.database.pool, csvSql(population), async (rows) => {
    const bytes = new PassThrough();
    bytes.write(`${BYTE_ORDER_MARK}${CSV_COLUMNS.join(",")}\n`);
    const [consumed] = await Promise.all([consume(bytes), pipeline(rows, bytes)]);
    return consumed;
  });
}
