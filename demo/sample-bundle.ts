import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { resolveHome } from "#lib/db/home.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { writeBundle } from "#lib/reports/bundle/write-bundle.ts";
import type { ContentRow } from "#lib/reports/bundle/report-content.ts";

/** `node demo/sample-bundle.ts bundle.zip key.pem`: a small bundle and the key to check it with, to try the steps of docs/verify.md on. */
const [bundle = "bundle.zip", keyFile = "public-key.pem"] = process.argv.slice(2);
const home = resolveHome();
const key = openFileKey(home);
const ROWS: ContentRow[] = [
  ["2026-06", "claims", "1204.50"],
  ["2026-06", "policy-core", "-12.25"],
];
const head = {
  kind: "allocation",
  organisation: "Halvern",
  parameters: { kind: "allocation" },
  asOf: new Date("2026-07-01T00:00:00Z"),
  formats: ["csv", "jsonl", "pdf"] as const,
  version: "sample",
  logHead: null,
};
await writeBundle(
  resolve(bundle),
  join(home, "scratch", "sample-bundle"),
  head,
  {
    title: "A sample",
    method: ["Made of two rows, to try the steps on."],
    scope: [["Period", "June 2026"]],
    tableName: "sample",
    columns: [
      { name: "Month", type: "text" },
      { name: "Team", type: "text" },
      { name: "Amount", type: "amount" },
    ],
    batches: batches(),
    toRow: (row) => row,
    totals: [{ column: "Amount", by: null }],
    countBy: ["Team"],
    after: () => Promise.resolve({ sources: [], gaps: [], controlTotals: [], people: [], summaries: [] }),
    isLog: false,
  },
  { key },
);
await writeFile(keyFile, key.publicPem);

async function* batches(): AsyncGenerator<ContentRow[]> {
  yield ROWS;
}
