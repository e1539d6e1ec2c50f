import { availableParallelism } from "node:os";
import { addDays, billingPeriod, rangeOf } from "#lib/domain/period.ts";
import type { ClusterIdentities } from "#lib/sources/cluster-costs.ts";
import type { CostReading, Projection } from "#lib/sources/cost-reading.ts";
import type { OfferedSlice, ReadOptions } from "#lib/sources/source.ts";
import { collectClusterCosts } from "#lib/sources/focus/cluster-costs.ts";
import { readControlTotals } from "#lib/sources/focus/control-totals.ts";
import { openScanEngine, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import { collectFindings, readSuspicion, refuseUnreadable } from "#lib/sources/focus/examine.ts";
import { openFiles } from "#lib/sources/focus/open-files.ts";
import { rollUp, type PeriodDays } from "#lib/sources/focus/roll-up.ts";
import { groupFiles, openScanGroup, type ScanGroup } from "#lib/sources/focus/scan-groups.ts";
import type { FocusSpec } from "#lib/sources/focus/spec.ts";

/** With the process itself and its database connection this keeps an ingest below 1.5 GiB. */
export const DEFAULT_MEMORY_LIMIT_MB = 700;

export type ReadSliceOptions = ReadOptions & {
  projection: Projection;
  /** By what charges of clusters are known, beside their tags; absent = charges are not looked through for clusters. */
  clusters?: ClusterIdentities;
  /** A folder of the caller's; what is put there goes with `close`. */
  scratchDir: string;
  /** Where downloaded objects are kept between runs. */
  cacheDir: string;
  memoryLimitMb?: number;
  threads?: number;
};

/**
 * Reads the line items of one billing period and rolls them up by day and key.
 *
 * @returns the tables that CostReading describes, in a DuckDB of its own; the caller closes it.
 * @throws AppError("bad_data") with its place where a value that money needs cannot be read, a file is damaged, missing or
 *   was replaced; what the storage refuses has the class that client.ts gives it.
 */
export async function readFocusSlice(
  spec: FocusSpec,
  slice: OfferedSlice,
  options: ReadSliceOptions,
): Promise<CostReading> {
  const engine = await openScanEngine({
    scratchDir: options.scratchDir,
    memoryLimitMb: options.memoryLimitMb ?? DEFAULT_MEMORY_LIMIT_MB,
    threads: options.threads ?? availableParallelism(),
    signal: options.signal,
    onProgress: options.onProgress,
  });
  try {
    return await readInto(engine, spec, slice, options);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

async function readInto(
  engine: ScanEngine,
  spec: FocusSpec,
  slice: OfferedSlice,
  options: ReadSliceOptions,
): Promise<CostReading> {
  const period = daysOf(slice.period);
  const opened = await openFiles(spec, slice.files, { ...options, scratchDir: engine.scratchDir });
  try {
    const groups: ScanGroup[] = [];
    for (const [index, group] of (await groupFiles(engine, opened.files)).entries())
      groups.push(await openScanGroup(engine, group, { name: `converted-${index}`, keepRaw: false }));

    const control = await readControlTotals(engine, groups, period);
    await refuseUnreadable(engine, control.tallies, await undatedFiles(engine, groups), period);
    if (groups.length > 0) await rollUp(engine, groups, period, options.projection);
    else await emptyTables(engine);
    const clusterCosts =
      groups.length > 0 && options.clusters
        ? await collectClusterCosts(engine, groups, period, options.clusters, options.projection)
        : null;
    const findings =
      groups.length === 0 ? [] : await collectFindings(engine, control.tallies, await readSuspicion(engine), period);
    await engine.run(
      "Tidying up",
      "DROP TABLE IF EXISTS raw_charge; DROP TABLE IF EXISTS raw_key; DROP TABLE IF EXISTS normal_key;",
    );
    return {
      connection: engine.connection,
      controlTotals: control.totals,
      clusterCosts,
      findings,
      counts: {
        files: slice.files.length,
        lineItems: control.tallies.reduce((count, tally) => count + tally.lineItems, 0),
        bytes: slice.files.reduce((bytes, file) => bytes + file.size, 0),
      },
      dataUntil: control.dataUntil,
      verifyUnchanged: opened.verifyUnchanged,
      close: async () => {
        opened.close();
        await engine.close();
      },
    };
  } catch (thrown) {
    opened.close();
    throw thrown;
  }
}

/** "2026-03" as the days that SQL compares with. */
export function daysOf(period: string): PeriodDays {
  const { from, to } = rangeOf(billingPeriod(period));
  return { from, to, lastDay: addDays(to, -1) };
}

/** Files with rows of which nobody can say which period they belong to. */
async function undatedFiles(
  engine: ScanEngine,
  groups: readonly ScanGroup[],
): Promise<{ group: ScanGroup; fileIndex: number }[]> {
  const found: { group: ScanGroup; fileIndex: number }[] = [];
  for (const group of groups) {
    const sql = `SELECT DISTINCT ${group.fileIndex} AS file FROM ${group.from} WHERE ${group.fields.periodStart} IS NULL`;
    for (const row of await engine.rows("Reading control totals", sql))
      found.push({ group, fileIndex: Number(row["file"]) });
  }
  return found;
}

async function emptyTables(engine: ScanEngine): Promise<void> {
  await engine.run(
    "Tidying up",
    `CREATE TABLE charge(key_no INTEGER, day DATE, billed DECIMAL(38,12), effective DECIMAL(38,12), list DECIMAL(38,12), contracted DECIMAL(38,12), line_items INTEGER);
     CREATE TABLE charge_key(key_no INTEGER, hash VARCHAR, currency VARCHAR, provider VARCHAR, billing_account_id VARCHAR, sub_account_id VARCHAR, region_id VARCHAR,
       service_category VARCHAR, service_name VARCHAR, charge_category VARCHAR, environment VARCHAR, tags VARCHAR, resource_patterns VARCHAR);
     CREATE TABLE account(provider VARCHAR, account_id VARCHAR, name VARCHAR, billing_account_id VARCHAR);`,
  );
}
