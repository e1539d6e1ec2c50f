import { parseArgs } from "node:util";
import { proveAsOf } from "#demo/prove/as-of.ts";
import { proveBundle } from "#demo/prove/bundle.ts";
import { proveBalance } from "#demo/prove/balance.ts";
import { proveClusterBill } from "#demo/prove/cluster-bill.ts";
import { proveCostExplorer } from "#demo/prove/cost-explorer.ts";
import { proveDormancy } from "#demo/prove/dormancy.ts";
import { proveHoles } from "#demo/prove/holes.ts";
import { proveLog } from "#demo/prove/log.ts";
import { holds, type Measure } from "#demo/prove/measure.ts";
import { proveOwners } from "#demo/prove/owners.ts";
import { withProvedEstate, type ProvedEstate } from "#demo/prove/proved-estate.ts";
import { proveTrail } from "#demo/prove/trail.ts";
import { proveRestatement } from "#demo/prove/restatement.ts";

/** Every promise that can be asked to be proved, in the order in which it is. */
export const PROMISES: Record<string, (estate: ProvedEstate) => Promise<Measure[]>> = {
  balance: proveBalance,
  restatement: proveRestatement,
  holes: proveHoles,
  "cost-explorer": proveCostExplorer,
  owners: proveOwners,
  dormancy: proveDormancy,
  "cluster-bill": proveClusterBill,
  bundle: proveBundle,
  "as-of": (estate) => proveAsOf(estate),
  log: proveLog,
  trail: proveTrail,
};

/** Rows of a promise that are printed when all of it holds; with --all every row. */
const SHOWN_ROWS = 12;

if (import.meta.main) process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, all: { type: "boolean", default: false } },
  });
  const unknown = positionals.filter((name) => !(name in PROMISES));
  if (unknown.length > 0) {
    process.stderr.write(`There is no promise "${unknown[0]}". There are: ${Object.keys(PROMISES).join(", ")}.\n`);
    return 2;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(PROMISES);
  const started = Date.now();
  const measures = await withProvedEstate(
    {},
    (text) => process.stderr.write(`${text}\n`),
    async (estate) => {
      const all: Measure[] = [];
      for (const name of names) all.push(...((await PROMISES[name]?.(estate)) ?? []));
      return all;
    },
  );
  if (values.json)
    for (const measure of measures) process.stdout.write(`${JSON.stringify({ ...measure, holds: holds(measure) })}\n`);
  else printTables(names, measures, values.all);
  const broken = measures.filter((measure) => !holds(measure)).length;
  process.stderr.write(
    `${measures.length} measures, ${broken} differ, ${Math.round((Date.now() - started) / 1000)} s\n`,
  );
  return broken > 0 || measures.length === 0 ? 1 : 0;
}

function printTables(names: readonly string[], measures: readonly Measure[], all: boolean): void {
  for (const name of names) {
    const ofPromise = measures.filter((measure) => measure.promise === name);
    const broken = ofPromise.filter((measure) => !holds(measure));
    const shown = all ? ofPromise : broken.length > 0 ? broken : ofPromise.slice(0, SHOWN_ROWS);
    process.stdout.write(`\n${name}: ${ofPromise.length - broken.length} of ${ofPromise.length} hold\n`);
    const width = Math.max(10, ...shown.map((measure) => measure.measure.length));
    process.stdout.write(`  ${"measure".padEnd(width)}  ${"expected".padStart(26)}  ${"found".padStart(26)}\n`);
    for (const measure of shown)
      process.stdout.write(
        `${holds(measure) ? "  " : "✗ "}${measure.measure.padEnd(width)}  ${measure.expected.padStart(26)}  ${measure.found.padStart(26)}\n`,
      );
    if (shown.length < ofPromise.length)
      process.stdout.write(`  … and ${ofPromise.length - shown.length} more (--all shows them)\n`);
  }
}
