import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { PoolClient } from "pg";
import { swapClusterCosts } from "#lib/db/cluster-bill/swap-cluster-costs.ts";
import type { Transaction } from "#lib/db/client.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { refreshStatistics } from "#lib/db/refresh-statistics.ts";
import { readStoredTotals, swapSlice } from "#lib/db/swap-slice.ts";
import { COST_BASES, decimal, toAmount, type Amounts } from "#lib/domain/money.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { exportClusterCosts } from "#lib/rollups/export-cluster-costs.ts";
import { exportRelations, readAllocatedTotals } from "#lib/rollups/export-relations.ts";
import { requestSplits } from "#lib/services/cluster-bill/request-splits.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readAllocationStamp } from "#lib/services/rules/load-allocation.ts";
import { allocateSlice, type Allocated } from "#lib/services/slices/allocate-slice.ts";
import { finishRun, type RunLease } from "#lib/services/runs/run-lease.ts";
import type { ControlTotals } from "#lib/services/sources/source-view.ts";
import type { ClusterCostReading } from "#lib/sources/cluster-costs.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";
import type { SourceFile, SourceFinding } from "#lib/sources/source.ts";

/** A slice read into the tables `charge`, `charge_key` and `account` of a DuckDB (see CostReading), ready to be given to its owners. */
export type PublishableSlice = {
  sliceId: number;
  sourceKey: string;
  period: string;
  reason: "load" | "redelivery" | "reallocation";
  connection: DuckDBConnection;
  controlTotals: ControlTotals;
  /** What is clusters' of it, in the table `cluster_cost`; absent where a re-allocation leaves that as it is. */
  clusterCosts?: ClusterCostReading | null;
  /** Of what was known of clusters then. */
  clusterStamp?: string;
  counts: { files: number; lineItems: number; bytes: number };
  projection: Projection;
  fingerprint: string | null;
  dataUntil: Date | null;
  /** null where a re-allocation leaves them as they are. */
  findings: SourceFinding[] | null;
  files: SourceFile[] | null;
  scratchDir: string;
  /** Called last, just before the transaction: throws where what was read is no longer what is there. */
  verifyUnchanged: () => Promise<void>;
};

/**
 * Allocates the slice by the rules of its period, balances it against the control totals, and replaces what was published, in one
 * transaction that also ends the run and logs it. Nothing is visible before that, and nothing of it where it fails.
 *
 * @throws AppError "not_balanced" where any relation differs from the control totals in any currency or basis;
 *   "superseded" where the run is no longer this worker's.
 */
export async function publishSlice(context: ServiceContext, lease: RunLease, slice: PublishableSlice): Promise<void> {
  const folder = await mkdtemp(join(slice.scratchDir, "publish-"));
  try {
    for (let round = 1; ; round += 1) {
      const allocated = await allocateSlice(context, slice, folder);
      assertBalanced(slice, "allocated", await readAllocatedTotals(slice.connection));
      lease.report({ step: "Publishing", done: 0, total: 1, unit: "slice" });
      await slice.verifyUnchanged();
      const isSwapped = await context.database.transact((transaction) =>
        swap(context, transaction, lease, slice, { folder, ...allocated }),
      );
      if (isSwapped) {
        await refreshStatistics(context.database.pool);
        return;
      }
      if (round === MAX_ALLOCATION_ROUNDS)
        throw new AppError(
          "conflict",
          "The allocation rules changed again and again while the slice was being allocated.",
          {
            remedy: "Pull the slice again when the rules have settled.",
          },
        );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How often a slice is allocated again because somebody changed the rules meanwhile. */
const MAX_ALLOCATION_ROUNDS = 5;

/** Publishes in the caller's transaction; answers false, having changed nothing, where the rules are no longer those of the stamp. */
async function swap(
  context: ServiceContext,
  transaction: Transaction,
  lease: RunLease,
  slice: PublishableSlice,
  allocated: Allocated & { folder: string },
): Promise<boolean> {
  const { sql } = transaction;
  const current = await sql.query<{ publication_id: number | null }>(
    "SELECT publication_id FROM slice WHERE id = $1 FOR UPDATE",
    [slice.sliceId],
  );
  // Whoever saves a rule takes the same lock: either this publication sees the rule, or the saver sees that this run has ended.
  if ((await readAllocationStamp(sql, billingPeriod(slice.period))) !== allocated.stamp) return false;
  const previousId = current.rows[0]?.publication_id ?? null;
  const { rows } = await sql.query<{ id: string }>("SELECT nextval(pg_get_serial_sequence('publication', 'id')) AS id");
  const publicationId = Number(rows[0]?.id);
  const before = previousId === null ? [] : await readStoredTotals(sql, slice.sliceId);

  const files = await exportRelations(slice.connection, slice.sliceId, publicationId, allocated.folder);
  const counts = await swapSlice(sql, { sliceId: slice.sliceId, publicationId, isFirst: previousId === null }, files);
  const stored = await readStoredTotals(sql, slice.sliceId);
  for (const relation of ["cost_day", "cost_month", "cost_day_account", "cost_day_service"] as const)
    assertBalanced(
      slice,
      relation,
      Object.fromEntries(stored.filter((row) => row.relation === relation).map((row) => [row.currency, row])),
    );

  const difference = {
    ...counts,
    amounts: differenceOf(
      before.filter((row) => row.relation === "cost_day"),
      slice.controlTotals,
    ),
  };
  await sql.query(
    `INSERT INTO publication (id, slice_id, run_id, published_at, reason, previous_id, fingerprint, data_until, projection, totals, difference, pool_shares, allocation_basis, billing_accounts, accounts)
     VALUES ($1, $2, $3, clock_timestamp(), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      publicationId,
      slice.sliceId,
      lease.runId,
      previousId === null ? "load" : slice.reason === "load" ? "redelivery" : slice.reason,
      previousId,
      slice.fingerprint,
      slice.dataUntil,
      JSON.stringify(slice.projection),
      JSON.stringify(slice.controlTotals),
      JSON.stringify(difference),
      JSON.stringify(allocated.poolShares),
      allocated.basis,
      ...(await readAccounts(slice.connection)),
    ],
  );
  if (slice.clusterCosts !== undefined) {
    const { sliceId, connection, clusterCosts } = slice;
    const recognised = clusterCosts && {
      file: await exportClusterCosts(connection, sliceId, allocated.folder),
      totals: clusterCosts.totals,
    };
    const changed = await swapClusterCosts(sql, { sliceId, publicationId }, recognised);
    await requestSplits(transaction, context.now, changed);
  }
  await updateSlice(sql, slice, publicationId);
  await saveAccounts(sql, slice);
  if (slice.findings) await replaceFindings(sql, slice.sliceId, slice.findings);
  const keyCount = await slice.connection.run(
    "SELECT count(*)::INTEGER, (SELECT count(*)::INTEGER FROM charge_key) FROM allocated",
  );
  const [rollupRows, keys] = (await keyCount.getRowsJson())[0] ?? [0, 0];
  await finishRun(sql, lease, {
    state: "succeeded",
    counts: { ...slice.counts, rollupRows: Number(rollupRows), keys: Number(keys) },
    controlTotals: slice.controlTotals,
  });
  await recordActivity(sql, {
    at: context.now,
    actor: context.actor,
    action: "slice.published",
    subject: `${slice.sourceKey} ${slice.period}`,
    before: previousId === null ? undefined : { publication: previousId },
    after: {
      publication: publicationId,
      reason: slice.reason,
      run: lease.runId,
      totals: slice.controlTotals,
      difference,
    },
  });
  return true;
}

/**
 * Billing accounts and all accounts that the slice has cost of. What has no sub account counts as its billing account's; an account
 * that costs nothing is left out, because a billing API does not name it either.
 */
async function readAccounts(connection: DuckDBConnection): Promise<[billingAccounts: string[], accounts: string[]]> {
  const result = await connection.run(
    `SELECT DISTINCT provider || ' ' || billing_account_id,
            provider || ' ' || coalesce(nullif(sub_account_id, ''), billing_account_id)
     FROM charge_key WHERE key_no IN (SELECT key_no FROM charge WHERE billed <> 0 OR effective <> 0) ORDER BY 1, 2`,
  );
  const rows = await result.getRowsJson();
  const column = (index: number) => [...new Set(rows.map((row) => String(row[index])))];
  return [column(0), column(1)];
}

async function updateSlice(sql: PoolClient, slice: PublishableSlice, publicationId: number): Promise<void> {
  await sql.query(
    `UPDATE slice SET publication_id = $2, stale = false, published = coalesce($3, published), files = coalesce($4, files), clusters = coalesce($5, clusters) WHERE id = $1`,
    [
      slice.sliceId,
      publicationId,
      slice.fingerprint,
      slice.files ? JSON.stringify(slice.files) : null,
      slice.clusterStamp ?? null,
    ],
  );
}

async function saveAccounts(sql: PoolClient, slice: PublishableSlice): Promise<void> {
  const result = await slice.connection.run("SELECT provider, account_id, name, billing_account_id FROM account");
  const accounts = await result.getRowsJson();
  const column = (index: number) => accounts.map((account) => String(account[index] ?? ""));
  await sql.query(
    `INSERT INTO account (provider, account_id, name, billing_account_id)
     SELECT DISTINCT ON (1, 2) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS i (provider, account_id, name, billing_account_id)
     ORDER BY 1, 2, 3 DESC
     ON CONFLICT (provider, account_id) DO UPDATE SET name = excluded.name, billing_account_id = excluded.billing_account_id
     WHERE excluded.name <> '' AND (account.name, account.billing_account_id) IS DISTINCT FROM (excluded.name, excluded.billing_account_id)`,
    [column(0), column(1), column(2), column(3)],
  );
}

async function replaceFindings(sql: PoolClient, sliceId: number, findings: readonly SourceFinding[]): Promise<void> {
  await sql.query("DELETE FROM finding WHERE slice_id = $1", [sliceId]);
  for (const finding of findings)
    await sql.query(
      `INSERT INTO finding (slice_id, file, code, "column", message, count, first_row, sample) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        sliceId,
        finding.file,
        finding.code,
        finding.column,
        finding.message,
        finding.count,
        finding.firstRow,
        finding.sample,
      ],
    );
}

function assertBalanced(slice: PublishableSlice, where: string, found: ControlTotals): void {
  const currencies = new Set([...Object.keys(slice.controlTotals), ...Object.keys(found)]);
  for (const currency of currencies) {
    const expectedTotals = slice.controlTotals[currency];
    const foundTotals = found[currency];
    for (const basis of [...COST_BASES, "lineItems"] as const) {
      const expected = decimal(expectedTotals?.[basis] ?? 0);
      const actual = decimal(foundTotals?.[basis] ?? 0);
      if (expected.equals(actual)) continue;
      throw new AppError(
        "not_balanced",
        `${slice.sourceKey} ${slice.period} does not balance: ${basis} in ${currency} is ${toAmount(expected)} at the source and ${toAmount(actual)} in ${where}.`,
        { remedy: "Nothing was published. Please report this with the run's id: it is a defect of Bursar." },
      );
    }
  }
}

function differenceOf(
  before: readonly (Amounts & { currency: string })[],
  after: ControlTotals,
): Record<string, Amounts> {
  const currencies = new Set([...before.map((row) => row.currency), ...Object.keys(after)]);
  return Object.fromEntries(
    [...currencies].map((currency) => {
      const old = before.find((row) => row.currency === currency);
      const amountOf = (basis: (typeof COST_BASES)[number]) =>
        toAmount(decimal(after[currency]?.[basis] ?? 0).minus(old?.[basis] ?? 0));
      return [
        currency,
        {
          billed: amountOf("billed"),
          effective: amountOf("effective"),
          list: amountOf("list"),
          contracted: amountOf("contracted"),
        },
      ];
    }),
  );
}
