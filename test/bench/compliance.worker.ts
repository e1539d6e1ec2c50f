import { join } from "node:path";
import type { Actor } from "#lib/access/actor.ts";
import { openDatabase } from "#lib/db/client.ts";
import { XlsxSink } from "#lib/reports/bundle/xlsx-sink.ts";
import { streamEvaluations } from "#lib/services/posture/stream-evaluations.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";
import { EVERYTHING } from "#test/bench/compliance-data.ts";

/** What writing everything as XLSX took; the peak is of the whole process. */
export type XlsxResult = { milliseconds: number; peakMib: number; rows: number };

const [, , url = "", folder = ""] = process.argv;
const AUDITOR: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
const COLUMNS = [
  "Rule",
  "Title",
  "Severity",
  "Kind",
  "Resource",
  "Account",
  "Environment",
  "Team",
  "Verdict",
  "Note",
  "From",
  "Held",
  "Evidence",
];

const database = openDatabase(url, { max: 2 });
const start = performance.now();
const sink = await XlsxSink.open(
  join(folder),
  "everything.xlsx",
  COLUMNS.map((name) => ({ name, type: "text" })),
);
let rows = 0;
const now = EVERYTHING.asOf ?? new Date(0);
for await (const batch of streamEvaluations({ actor: AUDITOR, database, now }, EVERYTHING)) {
  await sink.write(batch.map(cellsOf));
  rows += batch.length;
}
await sink.end([["Rows", String(rows)]]);
await database.close();
const result: XlsxResult = {
  milliseconds: performance.now() - start,
  peakMib: process.resourceUsage().maxRSS / 1024,
  rows,
};
console.log(JSON.stringify(result));

function cellsOf(row: EvaluationRow): (string | null)[] {
  const { resource } = row;
  return [
    row.ruleKey,
    row.ruleTitle,
    row.severity,
    resource.kind,
    resource.key,
    resource.accountId,
    row.environment,
    row.teamKey,
    row.verdict,
    row.note,
    row.from,
    row.heldFrom,
    row.evidenceHash,
  ];
}
