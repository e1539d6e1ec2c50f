import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { IngestResult } from "#test/bench/ingest.worker.ts";
import { writeFocusFile } from "#test/bench/focus-file.ts";
import { bound, compare, median, type Measure, type MeasureOptions, type Measurement } from "#test/bench/measure.ts";
import { openWorkshop, runProgram, type Workshop } from "#test/bench/workshop.ts";

const ROUNDS = 3;
const TIME_LIMIT = 1.5;
const PEAK_LIMIT_MIB = 1536;

export const ingest: Measure = {
  name: "ingest",
  about: "10 million FOCUS line items into published roll-ups, against DuckDB's GROUP BY and one COPY",
  run: measureIngest,
};

async function measureIngest({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const file = join(workshop.folder, "line-items.parquet");
    const { rows } = await writeFocusFile(file, scale);
    note(`ingest: a file of ${rows.toLocaleString("en")} line items (10 million × scale)`);
    await writeFile(
      join(workshop.folder, "bursar.yaml"),
      `sources: { bench: { kind: focus, layout: files, path: ${JSON.stringify(file)} } }\n`,
    );

    const ours: IngestResult[] = [];
    const floor: IngestResult[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      floor.push(await ingestOnce(workshop, file, "floor"));
      ours.push(await ingestOnce(workshop, file, "ours"));
      note(`ingest: round ${round} of ${ROUNDS}: ours ${describe(ours.at(-1))}; floor ${describe(floor.at(-1))}`);
    }
    const secondsOf = (results: readonly IngestResult[]) =>
      median(results.map(({ milliseconds }) => milliseconds / 1000));
    return [
      compare("ingest", "s", secondsOf(ours), secondsOf(floor), TIME_LIMIT),
      bound("ingest memory", "MiB", Math.max(...ours.map(({ peakMib }) => peakMib)), PEAK_LIMIT_MIB),
    ];
  } finally {
    await workshop.close();
  }
}

/** Each try has an empty database and a process of its own, so that nothing is warm for one and cold for the other but the file. */
async function ingestOnce(workshop: Workshop, file: string, way: "ours" | "floor"): Promise<IngestResult> {
  const url = await workshop.createDatabase("ingest");
  try {
    const environment = { BURSAR_HOME: workshop.folder, BURSAR_CONFIG: join(workshop.folder, "bursar.yaml") };
    return (await runProgram("ingest.worker.ts", [way, url, file, workshop.folder], environment)) as IngestResult;
  } finally {
    await workshop.dropDatabase("ingest");
  }
}

function describe(result: IngestResult | undefined): string {
  if (!result) return "";
  const steps = Object.entries(result.steps).map(([step, milliseconds]) => `${step} ${milliseconds} ms`);
  const text = `${(result.milliseconds / 1000).toFixed(2)} s, ${Math.round(result.peakMib)} MiB, ${result.rollupRows.toLocaleString("en")} rows`;
  return steps.length === 0 ? text : `${text} (${steps.join(", ")})`;
}
