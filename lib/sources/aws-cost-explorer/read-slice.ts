import { availableParallelism } from "node:os";
import { COST_BASES, sum, toAmount, type Amount, type Amounts } from "#lib/domain/money.ts";
import { addDays, billingPeriod, rangeOf, startOf, type Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import { countingGate, type RequestGate } from "#lib/sources/aws/request-gate.ts";
import { findBillingAccount, type BillingAccount } from "#lib/sources/aws-cost-explorer/billing-account.ts";
import { makeChargeTables } from "#lib/sources/aws-cost-explorer/charge-tables.ts";
import type { ChargeRow } from "#lib/sources/aws-cost-explorer/charge-row.ts";
import { collectCosts, type CollectedCosts } from "#lib/sources/aws-cost-explorer/collect-costs.ts";
import { dayOfReading } from "#lib/sources/aws-cost-explorer/plan.ts";
import { tagKeyOf } from "#lib/sources/aws-cost-explorer/refined-dimension.ts";
import type { CostExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";
import type { CostReading, Projection } from "#lib/sources/cost-reading.ts";
import { finding } from "#lib/sources/finding.ts";
import { openScanEngine } from "#lib/sources/focus/duckdb.ts";
import type { OfferedSlice, ReadOptions, SourceFinding } from "#lib/sources/source.ts";

/** A month of a thousand accounts is some hundred thousand rows. */
const DEFAULT_MEMORY_LIMIT_MB = 500;

export type ReadCostExplorerOptions = ReadOptions & {
  projection: Projection;
  /** A folder of the caller's; what is put there goes with `close`. */
  scratchDir: string;
  gate: RequestGate;
  memoryLimitMb?: number;
  threads?: number;
};

/** A reading, with what asking for it cost. */
export type CostExplorerReading = CostReading & {
  counts: CostReading["counts"] & {
    /** Attempts of requests to AWS, those that the SDK repeated included. */
    requests: number;
    priceUsd: Amount;
  };
  /** First day whose cost AWS still estimates; null where all of it is final. */
  estimatedFrom: Day | null;
};

/**
 * Asks Cost Explorer for the days of one month, up to and with the day that the slice's fingerprint names, and rolls them up.
 *
 * @returns the tables that CostReading describes, in a DuckDB of its own; the caller closes it.
 * @throws AppError "not_balanced" where the groups are not Cost Explorer's own total, "limit_reached" where the gate's cap
 *   would be passed; what AWS refuses has the class that lib/sources/aws gives it. Then there is no reading, and nothing partial.
 */
export async function readCostExplorerSlice(
  spec: CostExplorerSpec,
  slice: OfferedSlice,
  options: ReadCostExplorerOptions,
): Promise<CostExplorerReading> {
  const month = rangeOf(billingPeriod(slice.period));
  const tomorrow = addDays(dayOfReading(slice), 1);
  const range = { from: month.from, to: tomorrow < month.to ? tomorrow : month.to };
  if (range.to <= range.from)
    throw new AppError("bad_data", `${slice.period} has not begun on the day of the reading.`);

  const { gate, tally } = countingGate(options.gate);
  const clients = await openAwsClients(spec, gate, options.signal);
  try {
    const billing = await findBillingAccount(clients, spec);
    const collected = await collectCosts(clients, spec, range, options.onProgress);
    return await tabulate(spec, slice, options, { billing, collected, tally: tally() });
  } finally {
    clients.close();
  }
}

type Answered = { billing: BillingAccount; collected: CollectedCosts; tally: { requests: number; priceUsd: Amount } };

async function tabulate(
  spec: CostExplorerSpec,
  slice: OfferedSlice,
  options: ReadCostExplorerOptions,
  { billing, collected, tally }: Answered,
): Promise<CostExplorerReading> {
  const rows = [...collected.rows, ...residueRows(collected, billing.billingAccountId)];
  const engine = await openScanEngine({
    scratchDir: options.scratchDir,
    memoryLimitMb: options.memoryLimitMb ?? DEFAULT_MEMORY_LIMIT_MB,
    threads: options.threads ?? availableParallelism(),
    signal: options.signal,
    onProgress: options.onProgress,
  });
  try {
    await makeChargeTables(engine, rows, {
      billingAccountId: billing.billingAccountId,
      accountNames: collected.accountNames,
      tagKey: tagKeyOf(spec.refineBy),
      projection: options.projection,
    });
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
  return {
    connection: engine.connection,
    controlTotals: controlTotals(collected, rows),
    findings: findingsOf(slice, billing, collected),
    counts: { files: 0, lineItems: rows.length, bytes: 0, ...tally },
    dataUntil: dataUntil(collected),
    estimatedFrom: collected.estimatedFrom,
    // What was read was answered once and added up; there is no file that could have been replaced since.
    verifyUnchanged: async () => {},
    close: () => engine.close(),
  };
}

/** What AWS's rounding of the single figures took away, as rows of their own: the sum is then Cost Explorer's to the last decimal. */
function residueRows({ residues }: CollectedCosts, billingAccountId: string): ChargeRow[] {
  return residues.map((residue) => ({
    ...residue,
    accountId: billingAccountId,
    serviceName: "Rounding of Cost Explorer",
    serviceCategory: "Other",
    chargeCategory: "Adjustment",
    regionId: "",
    tagValue: "",
  }));
}

/** Cost Explorer's own ungrouped total, by currency. */
function controlTotals({ total }: CollectedCosts, rows: readonly ChargeRow[]): CostReading["controlTotals"] {
  const totals: Record<string, Amounts & { lineItems: number }> = {};
  for (const currency of new Set([...total, ...rows].map((cost) => cost.currency))) {
    const ofCurrency = total.filter((cost) => cost.currency === currency);
    totals[currency] = {
      billed: toAmount(sum(ofCurrency.map(({ billed }) => billed))),
      effective: toAmount(sum(ofCurrency.map(({ effective }) => effective))),
      list: "0",
      contracted: "0",
      lineItems: rows.filter((row) => row.currency === currency).length,
    };
  }
  return totals;
}

function dataUntil({ total }: CollectedCosts): Date | null {
  const newest = total
    .map(({ day }) => day)
    .toSorted()
    .at(-1);
  return newest === undefined ? null : startOf(addDays(newest, 1));
}

function findingsOf(
  slice: OfferedSlice,
  { billingAccountId, callerAccountId }: BillingAccount,
  { bases, estimatedFrom, residues, rounded, unknownRecordTypes }: CollectedCosts,
): SourceFinding[] {
  const place = `Cost Explorer, ${slice.period}`;
  const findings = COST_BASES.filter((basis) => basis === "list" || basis === "contracted").map((basis) =>
    finding("cost_not_offered", place, { column: basis === "list" ? "ListCost" : "ContractedCost" }),
  );
  if (bases.billed.startsWith("Net"))
    findings.push(finding("net_costs", place, { detail: `${bases.billed}, ${bases.effective}` }));
  if (estimatedFrom !== null)
    findings.push(finding("estimated_from", place, { sample: estimatedFrom, detail: estimatedFrom }));
  if (callerAccountId !== billingAccountId)
    findings.push(finding("member_account", place, { detail: callerAccountId }));
  if (unknownRecordTypes.length > 0)
    findings.push(
      finding("unknown_record_type", place, {
        detail: unknownRecordTypes.join(", "),
        count: unknownRecordTypes.length,
      }),
    );
  if (residues.length > 0)
    findings.push(
      finding("rounding_residue", place, {
        count: residues.length,
        detail: toAmount(sum(residues.map(({ billed }) => billed))),
      }),
    );
  if (rounded > 0) findings.push(finding("answer_rounded", place, { count: rounded }));
  return findings;
}
