import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BillingPeriod, periodOf, rangeOf } from "#lib/domain/period.ts";
import { focusSelect } from "#demo/exports/focus-columns.ts";
import { TAG_SEPARATOR, type FocusTable } from "#demo/exports/focus-table.ts";
import { dayNumber } from "#demo/estate/calendar.ts";
import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { digitsOf, uuidOf } from "#demo/estate/random.ts";

/** Where AWS Data Exports delivers: below `prefix`, `<export>/metadata` has the manifests and `<export>/data` the files. */
export const AWS_EXPORT = {
  bucket: "halvern-billing-exports",
  prefix: "focus",
  name: "halvern-focus",
  region: "eu-central-1",
} as const;

/** Exports are cut into several files; ours after this day of the month. */
const FIRST_FILE_ENDS_ON_DAY = 16;

export type WrittenFiles = { files: number; bytes: number };

/**
 * Writes one delivery of a month as AWS Data Exports does in its mode "create new": the files into a folder of the
 * execution's own, then the month's manifest, which alone says which files count. The manifest is moved into place last,
 * so a reader finds the old delivery or the new one.
 */
export async function writeAwsDelivery(
  bucketFolder: string,
  table: FocusTable,
  estate: Estate,
  period: BillingPeriod,
  version: 1 | 2,
): Promise<WrittenFiles> {
  const executionId = executionIdOf(estate, period, version);
  const partition = `BILLING_PERIOD=${period}`;
  const root = `${AWS_EXPORT.prefix}/${AWS_EXPORT.name}`;
  const dataFolder = `${root}/data/${partition}/${executionId}`;
  await mkdir(join(bucketFolder, dataFolder), { recursive: true });
  const boundary = dayNumber(rangeOf(period).from) + FIRST_FILE_ENDS_ON_DAY;
  const parts = [`charge.start_day < ${boundary}`, `charge.start_day >= ${boundary}`];
  const written: { key: string; bytes: number }[] = [];
  for (const where of parts) {
    const key = `${dataFolder}/${AWS_EXPORT.name}-${String(written.length + 1).padStart(5, "0")}.snappy.parquet`;
    const path = join(bucketFolder, key);
    const select = focusSelect(period, dialectOf(estate, period), where);
    const result = await table.connection.runAndReadAll(
      `COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION snappy)`,
    );
    if (BigInt(String(result.getRows()[0]?.[0] ?? 0)) === 0n) await rm(path);
    else written.push({ key, bytes: (await stat(path)).size });
  }
  const columns = await columnsOf(table, focusSelect(period, dialectOf(estate, period), "false"));
  const manifest = manifestOf(
    period,
    executionId,
    written.map(({ key }) => key),
    columns,
    estate,
  );
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeIntoPlace(
    join(bucketFolder, root, "metadata", partition, executionId, `${AWS_EXPORT.name}-Manifest.json`),
    text,
  );
  await writeIntoPlace(join(bucketFolder, root, "metadata", partition, `${AWS_EXPORT.name}-Manifest.json`), text);
  return { files: written.length, bytes: written.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Name of the folder of one execution: an instant and a UUID, as AWS names them. */
export function executionIdOf(estate: Estate, period: BillingPeriod, version: 1 | 2): string {
  const { today } = estate.calendar;
  const isOpen = periodOf(today) === period;
  const day = version === 2 ? today : isOpen ? today : rangeOf(period).to;
  return `${day}T0${3 + version}:17:42.${digitsOf(3, period)}Z-${uuidOf(estate.seed, today, period, String(version))}`;
}

function dialectOf(estate: Estate, period: BillingPeriod) {
  return {
    instant: (timestamp: string) => timestamp,
    tags: `CASE WHEN line.tag_keys IS NULL THEN NULL WHEN line.tag_keys = '' THEN CAST(MAP {} AS MAP(VARCHAR, VARCHAR)) ELSE map(string_split(line.tag_keys, '${TAG_SEPARATOR}'), string_split(line.tag_values, '${TAG_SEPARATOR}')) END`,
    invoiceId: period < periodOf(estate.calendar.today) ? `EUINDE${digitsOf(9, estate.seed, period)}` : null,
    own: [
      ["x_ServiceCode", "line.service_code"],
      ["x_UsageType", "line.meter"],
    ],
  } as const;
}

async function columnsOf(table: FocusTable, select: string): Promise<{ name: string; type: string }[]> {
  const result = await table.connection.runAndReadAll(`DESCRIBE ${select}`);
  return result.getRows().map(([name, type]) => ({ name: String(name), type: manifestType(String(type)) }));
}

function manifestType(type: string): string {
  if (type.startsWith("DECIMAL")) return "decimal";
  if (type.startsWith("MAP")) return "map<string,string>";
  return type === "TIMESTAMP" ? "timestamp" : "string";
}

function manifestOf(
  period: BillingPeriod,
  executionId: string,
  keys: string[],
  columns: { name: string; type: string }[],
  estate: Estate,
) {
  const { from, to } = rangeOf(period);
  const payer = estate.accounts.find(({ name }) => name === ACCOUNT_NAMES.payer)?.id ?? "";
  return {
    exportArn: `arn:aws:bcm-data-exports:us-east-1:${payer}:export/${AWS_EXPORT.name}-${uuidOf("export")}`,
    exportName: AWS_EXPORT.name,
    executionId,
    billingPeriod: { start: `${from}T00:00:00.000Z`, end: `${to}T00:00:00.000Z` },
    bucket: AWS_EXPORT.bucket,
    table: "FOCUS_1_2_AWS",
    outputConfiguration: {
      format: "PARQUET",
      compression: "PARQUET",
      outputType: "CUSTOM",
      overwrite: "CREATE_NEW_REPORT",
    },
    columns,
    dataFiles: keys.map((key) => `s3://${AWS_EXPORT.bucket}/${key}`),
  };
}

/** Writes beside the target, under a name that is no object, and moves it there. */
async function writeIntoPlace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), ".delivery");
  await writeFile(draft, text);
  await rename(draft, path);
}
