import writeExcelFile, { type Cell } from "write-excel-file/node";
import { safeText, type ReportTable } from "#lib/reports/table.ts";

/** The table and a sheet that explains it, as XLSX. A spreadsheet's numbers are doubles: beyond 15 digits the CSV is the exact one, which the second sheet says. */
export async function writeXlsx(table: ReportTable): Promise<Uint8Array> {
  const header = table.columns.map((column): Cell => ({
    value: column.name,
    fontWeight: "bold",
    align: column.type === "text" ? "left" : "right",
  }));
  const rows = table.rows.map((row) => row.map((cell, index) => toCell(cell, table.columns[index]?.type ?? "text")));
  const about: [string, string][] = [
    ...table.about,
    ["Precision", "Numbers hold 15 digits here; the CSV export holds every decimal."],
  ];
  const file = writeExcelFile(
    [
      {
        data: [header, ...rows],
        sheet: "Data",
        columns: table.columns.map((column) => ({ width: column.type === "text" ? 28 : 18 })),
        stickyRowsCount: 1,
      },
      {
        data: about.map(([name, value]): Cell[] => [{ value: name, fontWeight: "bold" }, { value: safeText(value) }]),
        sheet: "About",
        columns: [{ width: 24 }, { width: 90 }],
      },
    ],
    { fontFamily: "Calibri", fontSize: 11 },
  );
  return file.toBuffer();
}

function toCell(text: string | null, type: ReportTable["columns"][number]["type"]): Cell {
  if (text === null) return null;
  if (type === "text") return { value: safeText(text), type: String };
  return { value: Number(text), type: Number, format: type === "amount" ? "#,##0.00" : "#,##0", align: "right" };
}
