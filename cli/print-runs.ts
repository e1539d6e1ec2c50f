import type { RunView } from "#lib/services/sources/source-view.ts";

/** Runs as a table for people: what, how it ended, and each currency's control totals exactly as the source adds up. */
export function printRuns(runs: readonly RunView[]): void {
  for (const run of runs) {
    const what = [run.kind, run.sourceKey, run.period].filter(Boolean).join(" ");
    const items = run.counts === null ? "" : `  ${run.counts.lineItems} line items`;
    process.stdout.write(`${run.queuedAt}  ${run.state.padEnd(9)}  ${what}${items}\n`);
    if (run.asked) process.stdout.write(`    asked ${run.asked.requests} requests for ${run.asked.priceUsd} USD\n`);
    for (const [currency, totals] of Object.entries(run.controlTotals ?? {})) {
      process.stdout.write(`    billed ${totals.billed} ${currency}, effective ${totals.effective} ${currency}\n`);
    }
    if (run.error !== null)
      process.stdout.write(`    ${run.error.message}${run.error.remedy === null ? "" : ` ${run.error.remedy}`}\n`);
  }
}

export function hasSucceeded(run: RunView): boolean {
  return run.state === "succeeded" || run.state === "unchanged";
}
