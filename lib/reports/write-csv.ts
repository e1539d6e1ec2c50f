import { stringify } from "csv-stringify/sync";
import { safeText, type ReportTable } from "#lib/reports/table.ts";

/** The table as CSV (RFC 4180, UTF-8 with a byte order mark so that spreadsheets read names right). Amounts keep every decimal; there is no total row, so that a column sums to the total. */
export function writeCsv(table: ReportTable): Uint8Array {
  const rows = table.rows.map((row) =>
    row.map((cell, index) => (cell !== null && table.columns[index]?.type === "text" ? safeText(cell) : cell)),
  );
  return Buffer.from(
    stringify([table.columns.map((column) => column.name), ...rows], { bom: true, record_delimiter: "windows" }),
  );
}
