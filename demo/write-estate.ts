import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Day } from "#lib/domain/period.ts";
import { makeLockedBucket } from "#demo/aws/s3-versions.ts";
import { AWS_EXPORT, writeAwsDelivery } from "#demo/exports/aws-export.ts";
import { AZURE_EXPORT, writeAzureDelivery } from "#demo/exports/azure-export.ts";
import type { ClusterAddresses } from "#demo/exports/cluster-source.ts";
import { HEADS, writeDemoConfig } from "#demo/exports/bursar-config.ts";
import { writeDirectory, writeRates } from "#demo/exports/directory-files.ts";
import { writeChangeTrails } from "#demo/exports/change-trails.ts";
import { writeAuditLogs } from "#demo/exports/audit-logs.ts";
import { openFocusTable } from "#demo/exports/focus-table.ts";
import { writeTerraformPlans } from "#demo/exports/terraform-plans.ts";
import { writeGoogleDelivery } from "#demo/exports/google-export.ts";
import { TRAIL_PATHS } from "#demo/exports/trail-files.ts";
import { createEstate, deliveryKeysOf, type Estate, makeDelivery } from "#demo/estate/estate.ts";
import type { SourceKey } from "#demo/estate/services.ts";
import { createTruthBook, type Truth } from "#demo/estate/truth.ts";

export type WriteEstateOptions = {
  /** The demo's home directory. Everything goes below `<home>/estate` and into `<home>/bursar.yaml`. */
  home: string;
  seed: string;
  today: Day;
  /** Whether the restated month is in its second delivery; absent = as it is, the first where nothing is there yet. */
  restated?: boolean;
  /** Port of the S3 server, for bursar.yaml. */
  port: number;
  months?: number;
  scale?: number;
  /** Where the clusters are reached; absent = the configuration has none. */
  clusters?: ClusterAddresses;
  /** Whether the configuration has AWS Config, whose past is then to be seeded, and plans of Terraform. */
  compliance?: boolean;
  /** Whether the configuration has the organisation's trail, whose files `bringTrail` writes. */
  trail?: boolean;
  /** Where bundles get their time stamps; absent = they get none. */
  timestamps?: string;
  /** The estate of these very options, where the caller has made it already. */
  estate?: Estate;
};

export type EstateSummary = {
  estate: Estate;
  /** Root folder of the S3 server. */
  bucketRoot: string;
  configPath: string;
  truthPath: string;
  /** False where the files of the same seed and day were there already. */
  written: boolean;
  restated: boolean;
  lineItems: Record<SourceKey, number>;
  files: number;
  bytes: number;
};

export const DEFAULT_SEED = "halvern";
const STAMP = "estate.json";

type Stamp = Pick<EstateSummary, "restated" | "lineItems" | "files" | "bytes"> & { fingerprint: string };

/** Writes the estate's exports, directory, rates and truth, or finds them already written for the same seed, day and size. */
export async function writeEstate(options: WriteEstateOptions): Promise<EstateSummary> {
  const estate = options.estate ?? createEstate(options);
  const folder = join(options.home, "estate");
  const fingerprint = await fingerprintOf(options);
  const found = await readStamp(folder);
  const isThere = found?.fingerprint === fingerprint;
  const stamp = isThere ? found : await writeAll(folder, estate, fingerprint);
  makeLockedBucket(join(folder, "s3"), HEADS.bucket);
  const restated = options.restated ?? stamp.restated;
  if (restated !== stamp.restated) await deliver(options.home, estate, restated);
  const configPath = await writeDemoConfig(options.home, estate, options.port, {
    clusters: options.clusters ?? null,
    compliance: options.compliance ?? false,
    trail: options.trail ?? false,
    timestamps: options.timestamps ?? null,
  });
  return {
    estate,
    bucketRoot: join(folder, "s3"),
    configPath,
    truthPath: join(folder, "truth.json"),
    written: !isThere,
    restated,
    lineItems: stamp.lineItems,
    files: stamp.files,
    bytes: stamp.bytes,
  };
}

/** Delivers the restated month again, as its provider would: new files, then the manifest that names them. */
export async function deliverRestatement(home: string, estate: Estate): Promise<void> {
  await deliver(home, estate, true);
}

/** What was planted, as written beside the exports. */
export async function readTruth(home: string): Promise<Truth> {
  return JSON.parse(await readFile(join(home, "estate", "truth.json"), "utf8")) as Truth;
}

async function deliver(home: string, estate: Estate, restated: boolean): Promise<void> {
  const folder = join(home, "estate");
  const { restatedPeriod } = estate.calendar;
  const version = restated ? 2 : 1;
  const table = await openFocusTable(estate.lines);
  try {
    await table.load(makeDelivery(estate, "aws-billing", restatedPeriod, version).charges);
    await writeAwsDelivery(join(folder, "s3", AWS_EXPORT.bucket), table, estate, restatedPeriod, version);
  } finally {
    table.close();
  }
  const stamp = await readStamp(folder);
  if (stamp) await writeStamp(folder, { ...stamp, restated });
}

/** Writes into a folder beside and moves it into place, so that an interrupted start leaves no half estate. */
async function writeAll(folder: string, estate: Estate, fingerprint: string): Promise<Stamp> {
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, "s3", AZURE_EXPORT.bucket), { recursive: true });
  const truth = createTruthBook(estate);
  const lineItems: Record<SourceKey, number> = { "aws-billing": 0, azure: 0, gcp: 0 };
  const table = await openFocusTable(estate.lines);
  let [files, bytes] = [0, 0];
  try {
    for (const { source, period, version } of deliveryKeysOf(estate)) {
      const delivery = makeDelivery(estate, source, period, version);
      truth.add(delivery);
      if (version === 2) continue;
      await table.load(delivery.charges);
      lineItems[source] += delivery.charges.length;
      const written =
        source === "aws-billing"
          ? await writeAwsDelivery(join(draft, "s3", AWS_EXPORT.bucket), table, estate, period, version)
          : source === "azure"
            ? await writeAzureDelivery(
                join(draft, "s3", AZURE_EXPORT.bucket),
                table,
                estate,
                period,
                delivery.charges.length,
              )
            : await writeGoogleDelivery(join(draft, "gcp"), table, estate, period);
      files += written.files;
      bytes += written.bytes;
    }
  } finally {
    table.close();
  }
  await writeDirectory(join(draft, "directory"), estate);
  await writeAuditLogs(join(draft, "audit"), estate);
  await writeChangeTrails(join(draft, "changes"), estate);
  await writeTerraformPlans(join(draft, "terraform"), estate);
  await writeRates(join(draft, "eurofxref-hist.csv"), estate);
  await writeFile(join(draft, "truth.json"), `${JSON.stringify(truth.finish(), null, 1)}\n`);
  const stamp: Stamp = { fingerprint, restated: false, lineItems, files, bytes };
  await writeStamp(draft, stamp);
  for (const path of [join("s3", HEADS.bucket), ...TRAIL_PATHS]) await keep(path, { folder, draft });
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  return stamp;
}

/** What is locked, and what a trail has written, outlives the estate: both go on from day to day. */
async function keep(path: string, { folder, draft }: { folder: string; draft: string }): Promise<void> {
  await rename(join(folder, path), join(draft, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

async function writeStamp(folder: string, stamp: Stamp): Promise<void> {
  const draft = join(folder, `.${STAMP}`);
  await writeFile(draft, `${JSON.stringify(stamp, null, 2)}\n`);
  await rename(draft, join(folder, STAMP));
}

async function readStamp(folder: string): Promise<Stamp | null> {
  const text = await readFile(join(folder, STAMP), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : (JSON.parse(text) as Stamp);
}

/** Changes with the seed, the day, the size and the generator's own code, so that nobody looks at an estate of yesterday's code. */
async function fingerprintOf({ seed, today, months, scale }: WriteEstateOptions): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([seed, today, months ?? null, scale ?? null]));
  for (const folder of ["estate", "exports"]) {
    const path = join(import.meta.dirname, folder);
    for (const name of (await readdir(path)).toSorted()) hash.update(name).update(await readFile(join(path, name)));
  }
  return hash.digest("hex");
}
