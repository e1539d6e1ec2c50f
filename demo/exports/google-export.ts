import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BillingPeriod, periodOf } from "#lib/domain/period.ts";
import type { WrittenFiles } from "#demo/exports/aws-export.ts";
import { focusSelect } from "#demo/exports/focus-columns.ts";
import type { FocusTable } from "#demo/exports/focus-table.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { digitsOf } from "#demo/estate/random.ts";

/** Writes one month as one file in a local folder, with instants and tags as a query over Google's billing dataset yields them. */
export async function writeGoogleDelivery(
  folder: string,
  table: FocusTable,
  estate: Estate,
  period: BillingPeriod,
): Promise<WrittenFiles> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `google-focus-${period}.csv.gz`);
  const select = focusSelect(period, {
    instant: (timestamp) => `strftime(${timestamp}, '%Y-%m-%d %H:%M:%S UTC')`,
    tags: "line.tags_list",
    invoiceId: period < periodOf(estate.calendar.today) ? digitsOf(10, estate.seed, "google", period) : null,
    own: [],
  });
  await table.connection.run(
    `COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT csv, HEADER, COMPRESSION gzip)`,
  );
  return { files: 1, bytes: (await stat(path)).size };
}
