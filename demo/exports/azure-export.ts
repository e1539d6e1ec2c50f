import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addDays, type BillingPeriod, periodOf, rangeOf } from "#lib/domain/period.ts";
import type { WrittenFiles } from "#demo/exports/aws-export.ts";
import { focusSelect } from "#demo/exports/focus-columns.ts";
import type { FocusTable } from "#demo/exports/focus-table.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { digitsOf, uuidOf } from "#demo/estate/random.ts";

/** Where Cost Management exports to. Served over S3 as well: the layout is Azure's, the transport is not. */
export const AZURE_EXPORT = { bucket: "halvern-azure-exports", prefix: "cost", name: "halvern-focus" } as const;

/** Writes one month as Azure Cost Management does: `<root>/<export>/<first>-<last day>/<run>/` with partitions and manifest.json. */
export async function writeAzureDelivery(
  bucketFolder: string,
  table: FocusTable,
  estate: Estate,
  period: BillingPeriod,
  rows: number,
): Promise<WrittenFiles> {
  const { from, to } = rangeOf(period);
  const days = `${from}-${addDays(to, -1)}`.replaceAll("-", "");
  const span = `${days.slice(0, 8)}-${days.slice(8)}`;
  const runId = uuidOf(estate.seed, estate.calendar.today, "azure", period);
  const folder = `${AZURE_EXPORT.prefix}/${AZURE_EXPORT.name}/${span}/${runId}`;
  const blobName = `${folder}/part_0_0001.csv.gz`;
  await mkdir(join(bucketFolder, folder), { recursive: true });
  const isClosed = period < periodOf(estate.calendar.today);
  const select = focusSelect(period, {
    instant: (timestamp) => `strftime(${timestamp}, '%Y-%m-%dT%H:%M:%SZ')`,
    tags: "line.tags_object",
    invoiceId: isClosed ? `E${digitsOf(9, estate.seed, "azure", period)}` : null,
    own: [["x_ResourceGroupName", "CASE WHEN line.resource_id IS NOT NULL THEN 'rg-' || line.sub_account_name END"]],
  });
  const path = join(bucketFolder, blobName);
  await table.connection.run(
    `COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT csv, HEADER, COMPRESSION gzip)`,
  );
  const byteCount = (await stat(path)).size;
  const until = isClosed ? addDays(to, -1) : estate.calendar.today;
  const manifest = {
    manifestVersion: "2024-04-01",
    byteCount,
    blobCount: 1,
    dataRowCount: rows,
    exportConfig: {
      exportName: AZURE_EXPORT.name,
      resourceId: `/providers/Microsoft.Billing/billingAccounts/8608480/providers/Microsoft.CostManagement/exports/${AZURE_EXPORT.name}`,
      dataVersion: "1.2-preview",
      apiVersion: "2023-07-01-preview",
      type: "FocusCost",
      timeFrame: isClosed ? "Custom" : "MonthToDate",
      granularity: "Daily",
    },
    deliveryConfig: {
      partitionData: true,
      dataOverwriteBehavior: "OverwritePreviousReport",
      fileFormat: "Csv",
      compressionMode: "Gzip",
      containerUri:
        "/subscriptions/halvern/resourceGroups/rg-billing/providers/Microsoft.Storage/storageAccounts/halvernbilling",
      rootFolderPath: AZURE_EXPORT.prefix,
    },
    runInfo: {
      executionType: "Scheduled",
      submittedTime: `${addDays(until, 1)}T04:02:11.4810000Z`,
      runId,
      startDate: `${from}T00:00:00`,
      endDate: `${until}T00:00:00Z`,
    },
    blobs: [{ blobName, byteCount, dataRowCount: rows }],
  };
  await writeFile(join(bucketFolder, folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return { files: 1, bytes: byteCount };
}
