import type { ReportFormat } from "#lib/services/reports/report-view.ts";
import type { WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ReportTable } from "#lib/reports/table.ts";

export type { ReportFormat };

/** One row as the table's columns have it: plain decimal strings for amounts and counts; null = unknown or empty. */
export type ContentRow = (string | null)[];

/** What of a source the figures come from. Instants are ISO 8601 in UTC. */
export type SourceRun = { source: string; part: string; at: string | null; run: string | null };

/** What is not known, by name, with its reason where there is one. */
export type ContentGap = {
  source: string;
  part: string;
  from: string | null;
  to: string | null;
  reason: string | null;
};

/** A sum that has to agree with somebody else's. `difference` = total − expected. Decimal strings. */
export type ControlTotal = { name: string; total: string; expected: string; difference: string };

/** More files of the same rows, written while they pass by: OSCAL, OCSF, evidence. They are given what the rows were made of. */
export type ItemWriter<Item> = { push(items: readonly Item[]): Promise<void>; end(): Promise<WrittenFile[]> };

/**
 * A report before it has a format. Its rows are read once, in an order that does not change. What is asked in `after` may depend on
 * everything that has passed by.
 */
export type ReportContent<Item> = {
  title: string;
  /** Whole sentences: how the figures came to be. */
  method: string[];
  /** What was asked, in words: name and value. */
  scope: [string, string][];
  /** Name of the data files: "data/<name>.csv". */
  tableName: string;
  columns: ReportTable["columns"];
  batches: AsyncIterable<readonly Item[]>;
  toRow(item: Item): ContentRow;
  /** Columns that are summed; once for each value of the column `by`, or over everything where that is null. */
  totals: { column: string; by: string | null }[];
  /** Columns whose rows are counted by value for the first page. */
  countBy: string[];
  after(): Promise<ContentAfter>;
  /** Set where the rows are entries of a log: the JSON Lines file is then the log that the manifest has the Merkle root of. */
  isLog: boolean;
  /** Set where each row is an event of the trail: files of the bundle with the proof of each and the signed head of the log that they lead to. */
  trail?: TrailFiles;
};

/** Names in the bundle. The last two are there where records of its events were dropped or pseudonymised: the entries that say so, and their head. */
export type TrailFiles = { proofs: string; head: string; forgotten: string; forgottenHead: string };

/** What is known of the report when its rows have passed by. */
export type ContentAfter = {
  sources: SourceRun[];
  gaps: ContentGap[];
  controlTotals: ControlTotal[];
  /** Who had a part in what is reported: name and what they did. */
  people: [string, string][];
  /** What the readable report shows besides: small tables, each with a head. */
  summaries: SummaryTable[];
};

export type SummaryTable = { title: string; head: string[]; rows: string[][] };

/** Sums and counts of the rows, made while they passed by. */
export type TableSums = {
  rows: number;
  totals: { column: string; where: { column: string; value: string } | null; sum: string }[];
  counts: { column: string; values: [string, number][] }[];
};
