import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPairSync, sign } from "node:crypto";
import type { ContentRow, ReportContent } from "#lib/reports/bundle/report-content.ts";
import type { SigningKey } from "#lib/reports/bundle/signing-key.ts";
import { keyIdOf, signedBytes } from "#lib/reports/bundle/verify-bundle.mjs";
import { writeBundle, type BundleHead, type MadeBundle } from "#lib/reports/bundle/write-bundle.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");

export const KEY: SigningKey = {
  keyid: keyIdOf(publicKey),
  publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  sign: (payload) => Promise.resolve(sign(null, signedBytes(payload), privateKey)),
};

export const HEAD: BundleHead = {
  kind: "changes",
  organisation: "Test & Söhne",
  parameters: { from: "2026-06-01T00:00:00.000Z", to: "2026-07-01T00:00:00.000Z" },
  asOf: new Date("2026-07-01T00:00:00Z"),
  formats: ["csv", "jsonl", "xlsx", "pdf"],
  version: "0.0.0",
  logHead: null,
};

/** Text that breaks naive writers: a formula, quotes, a line break, an empty first cell, letters outside of ASCII. */
export const ROWS: ContentRow[] = [
  ["=1+1", "EUR", "-12.345678901234", "1"],
  [null, "EUR", "0.000000000001", null],
  ['say "hi",\nthen leave', "USD", "1000000000000.5", "3"],
  ["+49 30 1234", "USD", "-0.5", "-4"],
  ["Zoë – 東京 \u0007", "", "7", "5"],
];

export function contentOf(
  rows: readonly ContentRow[],
  changes: Partial<ReportContent<ContentRow>> = {},
): ReportContent<ContentRow> {
  return {
    title: "A report of the test",
    method: ["Every row is one line of the fixture."],
    scope: [
      ["Period", "June 2026"],
      ["Teams", "all"],
    ],
    tableName: "rows",
    columns: [
      { name: "Text", type: "text" },
      { name: "Currency", type: "text" },
      { name: "Amount", type: "amount" },
      { name: "Count", type: "count" },
    ],
    batches: batchesOf(rows),
    toRow: (row) => row,
    totals: [
      { column: "Amount", by: "Currency" },
      { column: "Count", by: null },
    ],
    countBy: ["Currency"],
    after: () =>
      Promise.resolve({
        sources: [{ source: "fixture", part: "all", at: "2026-06-30T00:00:00.000Z", run: null }],
        gaps: [{ source: "fixture", part: "east", from: "2026-06-01T00:00:00.000Z", to: null, reason: "denied" }],
        controlTotals: [{ name: "EUR June", total: "10.5", expected: "10", difference: "0.5" }],
        people: [["ada@example.com", "approved the exception"]],
        summaries: [],
      }),
    isLog: true,
    ...changes,
  };
}

async function* batchesOf(rows: readonly ContentRow[]): AsyncGenerator<readonly ContentRow[]> {
  for (let at = 0; at < rows.length; at += 2) yield rows.slice(at, at + 2);
}

/** Makes the bundle in a folder of its own. */
export async function makeBundle(
  content: ReportContent<ContentRow>,
  head: BundleHead = HEAD,
  timestamp: ((envelope: Buffer) => Promise<Uint8Array>) | null = null,
): Promise<MadeBundle & { path: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "bursar-bundle-"));
  const path = join(folder, "bundle.zip");
  return {
    ...(await writeBundle(path, join(folder, "scratch"), head, content, { key: KEY, timestamp })),
    path,
    folder,
  };
}
