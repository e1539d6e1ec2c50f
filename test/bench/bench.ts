import { constants } from "node:os";
import { parseArgs } from "node:util";
import { auditLoad } from "#test/bench/audit-load.ts";
import { auditSearch } from "#test/bench/audit-search.ts";
import { auditWebhook } from "#test/bench/audit-webhook.ts";
import { clusterBill } from "#test/bench/cluster-bill.ts";
import { compliance } from "#test/bench/compliance.ts";
import { ingest } from "#test/bench/ingest.ts";
import { javascript } from "#test/bench/javascript.ts";
import { kubernetes } from "#test/bench/kubernetes-read.ts";
import type { Measure, Measurement } from "#test/bench/measure.ts";
import { history, spend } from "#test/bench/spend.ts";
import { sprawl } from "#test/bench/sprawl.ts";
import { versions } from "#test/bench/versions.ts";
import { cleanUp } from "#test/bench/workshop.ts";

const MEASURES: readonly Measure[] = [
  ingest,
  spend,
  history,
  versions,
  kubernetes,
  clusterBill,
  sprawl,
  compliance,
  auditLoad,
  auditSearch,
  auditWebhook,
  javascript,
];

/** Names that stand for several measures. */
const GROUPS: Readonly<Record<string, readonly Measure[]>> = {
  kubernetes: [kubernetes, clusterBill, sprawl],
  audit: [auditLoad, auditSearch, auditWebhook],
};

const HELP = `npm run bench [-- NAME…] [--scale 0.1] [--json]

Measures what Bursar takes, and what the same work takes at least (the floor), in turn in one run. Exits 1 where a limit is missed.

${MEASURES.map(({ name, about }) => `  ${name.padEnd(15)} ${about}`).join("\n")}

${Object.entries(GROUPS)
  .map(([name, group]) => `  ${name} runs ${group.map((measure) => measure.name).join(", ")}.`)
  .join("\n")}

  --scale   Size of the data; 1, the default, is what the limits are meant for.
  --json    One JSON object a line; notes go to the standard error.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const interrupt: { cleaning: Promise<void> | null } = { cleaning: null };
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    interrupt.cleaning = cleanUp().catch((thrown: unknown) => console.error(String(thrown)));
    void interrupt.cleaning.finally(() => process.exit(128 + constants.signals[signal]));
  });

if (values.help) console.log(HELP);
else process.exitCode = await runMeasures(chosenMeasures(positionals), readScale(values.scale));

async function runMeasures(measures: readonly Measure[], scale: number): Promise<number> {
  const found: Measurement[] = [];
  const note = (text: string) => console.error(`  ${text}`);
  try {
    for (const { run } of measures) {
      const measurements = await run({ scale, note });
      found.push(...measurements);
      if (values.json) for (const measurement of measurements) console.log(JSON.stringify({ ...measurement, scale }));
    }
  } catch (thrown) {
    // What an interrupt pulls the ground from under fails; the process ends when everything is cleaned up.
    if (interrupt.cleaning) await interrupt.cleaning;
    else throw thrown;
  } finally {
    await cleanUp();
  }
  if (!values.json) printTable(found);
  return found.every(({ isMet }) => isMet) ? 0 : 1;
}

function chosenMeasures(names: readonly string[]): readonly Measure[] {
  if (names.length === 0) return MEASURES;
  const named = (name: string) => GROUPS[name] ?? MEASURES.filter((measure) => measure.name === name);
  const unknown = names.find((name) => named(name).length === 0);
  const chosen = new Set(names.flatMap(named));
  if (unknown === undefined) return MEASURES.filter((measure) => chosen.has(measure));
  console.error(`There is no measure "${unknown}".\n\n${HELP}`);
  process.exit(2);
}

function readScale(text: string): number {
  const scale = Number(text);
  if (scale > 0 && scale <= 10) return scale;
  console.error(`--scale is a number above 0, at most 10: "${text}"`);
  process.exit(2);
}

function printTable(measurements: readonly Measurement[]): void {
  const rows = [["measure", "ours", "floor", "ratio", "limit", ""], ...measurements.map(cellsOf)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    );
}

function cellsOf({ name, unit, ours, floor, ratio, limit, isMet }: Measurement): string[] {
  const shown = (value: number) => `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`;
  return [
    name,
    shown(ours),
    floor === null ? "–" : shown(floor),
    ratio === null ? "–" : ratio.toFixed(2),
    ratio === null ? shown(limit) : limit.toFixed(2),
    isMet ? "met" : "MISSED",
  ];
}
