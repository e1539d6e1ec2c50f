import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { to as copyTo } from "pg-copy-streams";
import type { Actor } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { copyEvaluations } from "#lib/services/posture/copy-evaluations.ts";
import { NO_POSTURE_FILTERS, type PostureQuery } from "#lib/services/posture/posture-view.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";
import { DAYS, EVERYTHING, FIRST_DAY, FRAMEWORK, makeEvaluations, NOW } from "#test/bench/compliance-data.ts";
import type { XlsxResult } from "#test/bench/compliance.worker.ts";
import {
  bound,
  compare,
  median,
  millisecondsOf,
  quantile,
  type Measure,
  type MeasureOptions,
  type Measurement,
} from "#test/bench/measure.ts";
import { later, openWorkshop, runProgram, type Workshop } from "#test/bench/workshop.ts";

const STRETCHES = 1_000_000;
/** Of fewer, not every team would have something of every rule. */
const LEAST_STRETCHES = 20_000;
const CLIENTS = 16;
const POOL_SIZE = 10;
const P95_LIMIT_MS = 150;
const EXPORT_LIMIT = 1.5;
const PEAK_LIMIT_MIB = 512;
/** Each client asks this often about a day that chance chooses. */
const ROUNDS = 12;
const EXPORTS = 3;
const DAY_MS = 86_400_000;

const AUDITOR: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
export const compliance: Measure = {
  name: "compliance",
  about:
    "1,000,000 evaluations: posture by team as of any day at 16 clients (p95), export to CSV next to COPY, memory of XLSX",
  run: measureCompliance,
};

async function measureCompliance({ scale, note }: MeasureOptions): Promise<Measurement[]> {
  const workshop = await openWorkshop();
  try {
    const url = await workshop.createDatabase("compliance");
    const database = openDatabase(url, { max: POOL_SIZE });
    const close = later(() => database.close());
    const made = await makeEvaluations(database, Math.max(LEAST_STRETCHES, Math.round(STRETCHES * scale)));
    note(`compliance: ${made.toLocaleString("en")} stretches of evaluations`);
    const postures: Measurement[] = [];
    for (const [name, trendDays] of [
      ["compliance posture", 0],
      ["compliance posture and trend", 30],
    ] as const) {
      await askAll(database, trendDays, 1);
      const durations = await askAll(database, trendDays, ROUNDS);
      note(`${name}: median ${median(durations).toFixed(1)} ms, ${durations.length} questions`);
      postures.push(bound(name, "ms", quantile(durations, 0.95), P95_LIMIT_MS));
    }
    const exported = await measureExport(database, workshop, note);
    await close();
    const xlsx = (await runProgram("compliance.worker.ts", [url, workshop.folder], {})) as XlsxResult;
    note(`compliance xlsx: ${xlsx.rows.toLocaleString("en")} rows in ${(xlsx.milliseconds / 1000).toFixed(1)} s`);
    return [...postures, exported, bound("compliance xlsx memory", "MiB", xlsx.peakMib, PEAK_LIMIT_MIB)];
  } finally {
    await workshop.close();
  }
}

async function askAll(database: Database, trendDays: number, rounds: number): Promise<number[]> {
  const durations: number[] = [];
  const client = async (number: number) => {
    for (let count = 0; count < rounds; count += 1)
      durations.push(await ask(database, trendDays, number * 7919 + count * 104_729));
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return durations;
}

async function ask(database: Database, trendDays: number, turn: number): Promise<number> {
  const asOf = new Date(Date.parse(FIRST_DAY) + (30 + (turn % (DAYS - 31))) * DAY_MS + 43_200_000);
  const query: PostureQuery = {
    frameworkId: FRAMEWORK,
    columnsBy: "team",
    asOf,
    filters: NO_POSTURE_FILTERS,
    trendDays,
  };
  const found = { total: 0, columns: 0 };
  const took = await millisecondsOf(async () => {
    const { total, columns } = await readPosture({ actor: AUDITOR, database, now: NOW }, query);
    Object.assign(found, { total: total.pass, columns: columns.length });
  });
  if (found.total === 0 || found.columns < 90) throw new Error("The posture is not that of all teams.");
  return took;
}

/** The export and the database's own COPY of the same columns in the same order, in turn. */
async function measureExport(
  database: Database,
  { folder }: Workshop,
  note: (text: string) => void,
): Promise<Measurement> {
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < EXPORTS; round += 1) {
    floor.push(await millisecondsOf(() => copyBare(database, join(folder, "floor.csv"))));
    ours.push(await millisecondsOf(() => exportAll(database, join(folder, "ours.csv"))));
  }
  note(
    `compliance export: ours ${ours.map((ms) => (ms / 1000).toFixed(1)).join(", ")} s, COPY ${floor.map((ms) => (ms / 1000).toFixed(1)).join(", ")} s`,
  );
  return compare("compliance export", "s", median(ours) / 1000, median(floor) / 1000, EXPORT_LIMIT);
}

function exportAll(database: Database, file: string): Promise<unknown> {
  return copyEvaluations({ actor: AUDITOR, database, now: NOW }, EVERYTHING, (bytes) =>
    pipeline(bytes, createWriteStream(file)),
  );
}

async function copyBare({ pool }: Database, file: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL work_mem = '128MB'");
    const rows = client.query(
      copyTo(`COPY (
        SELECT p.rule_key, n.title, n.severity, r.kind, r.resource_key, r.name, r.account_id, r.region, r.cluster_key, r.namespace_uid, c.environment, c.team_key,
          e.verdict, e.note, e.evidence_hash, c.source_key, c.part, e.valid_from, e.valid_to, e.held_from, e.recorded_at
        FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule p ON p.id = c.rule_id JOIN compliance_resource r ON r.id = e.resource_id
        LEFT JOIN compliance_rule n ON n.source_key = c.source_key AND n.part = c.part AND n.rule_key = p.rule_key AND n.seen_to IS NULL
        WHERE e.valid_from <= '${NOW.toISOString()}' AND (e.valid_to IS NULL OR e.valid_to > '${NOW.toISOString()}') AND e.retired_at IS NULL
        ORDER BY p.rule_key COLLATE "C", r.kind COLLATE "C", r.resource_key COLLATE "C", e.valid_from
      ) TO STDOUT (FORMAT csv)`),
    );
    await pipeline(rows, createWriteStream(file));
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}
