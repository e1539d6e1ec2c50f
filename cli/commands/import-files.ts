import { contextOn } from "#cli/context-on.ts";
import { exitCodeFor } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { hasSucceeded, printRuns } from "#cli/print-runs.ts";
import { openProgress } from "#cli/progress.ts";
import { addAmounts } from "#lib/domain/money.ts";
import { importFiles as load } from "#lib/services/sources/import-files.ts";

/** Loads FOCUS files given by hand. */
export async function importFiles(files: string[], options: { json: boolean }): Promise<number> {
  const progress = openProgress({ quiet: options.json });
  const { runs, findings, totals } = await withInstance(({ database }) =>
    load(contextOn(database), { files, onProgress: progress.show }),
  );
  progress.clear();
  if (options.json) process.stdout.write(`${JSON.stringify({ runs, findings, totals })}\n`);
  else {
    printRuns(runs);
    printTotals(totals);
    for (const finding of findings)
      process.stdout.write(`  ${finding.period}  ${finding.file}: ${finding.message} (${finding.count})\n`);
  }
  return exitCodeFor(runs.map(hasSucceeded));
}

function printTotals(totals: Awaited<ReturnType<typeof load>>["totals"]): void {
  if (totals.length === 0) return;
  const width = Math.max(8, ...totals.map((total) => total.provider.length));
  process.stdout.write(
    `\n  ${"provider".padEnd(width)}  ${"billed".padStart(24)}  ${"effective".padStart(24)}  ${"with an owner".padStart(24)}\n`,
  );
  for (const { provider, currency, billed, effective, billedWithOwner } of totals)
    process.stdout.write(
      `  ${provider.padEnd(width)}  ${billed.padStart(24)}  ${effective.padStart(24)}  ${billedWithOwner.padStart(24)}  ${currency}\n`,
    );
  for (const [currency, ofCurrency] of Map.groupBy(totals, (total) => total.currency)) {
    const add = (basis: "billed" | "effective" | "billedWithOwner") =>
      addAmounts(ofCurrency.map((total) => total[basis])).padStart(24);
    process.stdout.write(
      `  ${"all".padEnd(width)}  ${add("billed")}  ${add("effective")}  ${add("billedWithOwner")}  ${currency}\n`,
    );
  }
  process.stdout.write("\n");
}
