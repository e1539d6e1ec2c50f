import { stringify } from "csv-stringify/sync";
import { addAmounts } from "#lib/domain/money.ts";
import { FileSink, type WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ContentRow, ReportFormat, TableSums } from "#lib/reports/bundle/report-content.ts";
import { MerkleRoot } from "#lib/reports/bundle/verify-bundle.mjs";
import { XlsxSink } from "#lib/reports/bundle/xlsx-sink.ts";
import { safeText, type ReportTable } from "#lib/reports/table.ts";

/** Values of a column that are counted or summed by themselves. */
const MOST_VALUES = 2_000;

type Asked = {
  folder: string;
  tableName: string;
  columns: ReportTable["columns"];
  formats: readonly ReportFormat[];
  totals: { column: string; by: string | null }[];
  countBy: readonly string[];
  isLog: boolean;
};

/**
 * Writes the same rows as CSV, JSON Lines and XLSX side by side, sums and counts them, in memory that does not grow with them. CSV as
 * lib/reports/write-csv.ts has it; a line of JSON has the columns as its keys, amounts and counts as strings with every decimal.
 */
export class TableWriter {
  readonly #asked: Asked;
  readonly #csv: FileSink | null;
  readonly #jsonl: FileSink | null;
  readonly #xlsx: XlsxSink | null;
  readonly #log = new MerkleRoot();
  readonly #sums = new Map<string, { column: string; by: string | null; value: string; sum: string }>();
  readonly #counts: Map<string, number>[];
  #rows = 0;

  private constructor(asked: Asked, sinks: { csv: FileSink | null; jsonl: FileSink | null; xlsx: XlsxSink | null }) {
    this.#asked = asked;
    this.#csv = sinks.csv;
    this.#jsonl = sinks.jsonl;
    this.#xlsx = sinks.xlsx;
    this.#counts = asked.countBy.map(() => new Map<string, number>());
  }

  static async open(asked: Asked): Promise<TableWriter> {
    const { folder, tableName, formats, columns, isLog } = asked;
    const open = (format: "csv" | "jsonl") =>
      formats.includes(format) || (isLog && format === "jsonl")
        ? FileSink.open(folder, `data/${tableName}.${format}`)
        : null;
    const xlsx = formats.includes("xlsx") ? XlsxSink.open(folder, `data/${tableName}.xlsx`, columns) : null;
    const writer = new TableWriter(asked, { csv: await open("csv"), jsonl: await open("jsonl"), xlsx: await xlsx });
    await writer.#csv?.write(csvOf([columns.map(({ name }) => name)], true));
    return writer;
  }

  async write(rows: readonly ContentRow[]): Promise<void> {
    const { columns } = this.#asked;
    this.#count(rows);
    await this.#csv?.write(
      csvOf(
        rows.map((row) =>
          row.map((cell, index) => (cell !== null && columns[index]?.type === "text" ? safeText(cell) : cell)),
        ),
      ),
    );
    if (this.#jsonl)
      for (const row of rows) {
        const line = JSON.stringify(Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
        if (this.#asked.isLog) this.#log.add(Buffer.from(line, "utf8"));
        await this.#jsonl.write(`${line}\n`);
      }
    await this.#xlsx?.write(rows);
  }

  /** @param about the second sheet of the XLSX: name and value. */
  async end(
    aboutOf: (sums: TableSums) => [string, string][],
  ): Promise<{ files: WrittenFile[]; sums: TableSums; log: { entries: number; rootHash: string } | null }> {
    const sums = this.#summed();
    const files: WrittenFile[] = [];
    if (this.#csv) files.push(await this.#csv.end());
    if (this.#jsonl) files.push(await this.#jsonl.end());
    if (this.#xlsx) files.push(await this.#xlsx.end(aboutOf(sums)));
    const log = this.#asked.isLog ? { entries: this.#log.count, rootHash: this.#log.hex() } : null;
    return { files, sums, log };
  }

  #count(rows: readonly ContentRow[]): void {
    const { columns, totals, countBy } = this.#asked;
    const at = (name: string) => columns.findIndex((column) => column.name === name);
    this.#rows += rows.length;
    for (const [index, name] of countBy.entries()) {
      const counts = this.#counts[index];
      for (const row of rows) {
        const value = row[at(name)] ?? "";
        if (counts && (counts.has(value) || counts.size < MOST_VALUES)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    for (const { column, by } of totals)
      for (const [value, own] of Map.groupBy(rows, (row) => (by === null ? "" : (row[at(by)] ?? "")))) {
        const key = JSON.stringify([column, by, value]);
        const before = this.#sums.get(key)?.sum ?? "0";
        const sum = addAmounts([before, ...own.map((row) => row[at(column)] ?? "0")]);
        this.#sums.set(key, { column, by, value, sum });
      }
  }

  #summed(): TableSums {
    const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return {
      rows: this.#rows,
      totals: [...this.#sums]
        .toSorted(([a], [b]) => byText(a, b))
        .map(([, { column, by, value, sum }]) => ({ column, where: by === null ? null : { column: by, value }, sum })),
      counts: this.#asked.countBy.map((column, index) => ({
        column,
        values: [...(this.#counts[index] ?? [])].toSorted(([a, m], [b, n]) => n - m || byText(a, b)),
      })),
    };
  }
}

function csvOf(rows: (string | null)[][], isFirst = false): string {
  return rows.length === 0 ? "" : stringify(rows, { bom: isFirst, record_delimiter: "windows" });
}
