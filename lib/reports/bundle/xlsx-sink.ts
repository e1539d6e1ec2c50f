import { rm } from "node:fs/promises";
import { FileSink, writeWhole, type WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ContentRow } from "#lib/reports/bundle/report-content.ts";
import { hashFile } from "#lib/reports/bundle/hash-file.ts";
import { writeStoredZip } from "#lib/reports/bundle/stored-zip.ts";
import { safeText, type ReportTable } from "#lib/reports/table.ts";

/** Rows of a sheet, its head among them; more rows go to the next sheet. */
const SHEET_ROWS = 1_048_576;
/** Characters of a cell, by Excel's own limit. A longer text stands in full in the other formats, and says so here. */
const CELL_CHARACTERS = 32_767;
const NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/**
 * A workbook that is written row by row: sheets of data and one that explains them. Texts stand in their cells, so that no table of them has
 * to be kept; the parts are stored and not compressed, so that the same rows are the same bytes whatever compresses elsewhere.
 */
export class XlsxSink {
  readonly #folder: string;
  readonly #name: string;
  readonly #columns: ReportTable["columns"];
  readonly #sheets: WrittenFile[] = [];
  #sheet: FileSink | null = null;
  #row = 0;

  private constructor(folder: string, name: string, columns: ReportTable["columns"]) {
    this.#folder = folder;
    this.#name = name;
    this.#columns = columns;
  }

  static async open(folder: string, name: string, columns: ReportTable["columns"]): Promise<XlsxSink> {
    const sink = new XlsxSink(folder, name, columns);
    await sink.#open();
    return sink;
  }

  async write(rows: readonly ContentRow[]): Promise<void> {
    for (const row of rows) {
      if (this.#row === SHEET_ROWS) {
        await this.#close();
        await this.#open();
      }
      await this.#write(row.map((cell, index) => cellOf(cell, this.#columns[index]?.type ?? "text")));
    }
  }

  async end(about: readonly [string, string][]): Promise<WrittenFile> {
    await this.#close();
    const lines: [string, string][] = [
      ...about,
      ["Precision", "Numbers hold 15 digits here; CSV and JSON Lines hold every decimal."],
    ];
    const rows = lines.map(([name, value]) => `<row>${textCell(name, 1)}${textCell(safeText(value), 0)}</row>`);
    const explained = sheetOf(
      '<col min="1" max="1" width="24" customWidth="1"/><col min="2" max="2" width="90" customWidth="1"/>',
      false,
    );
    this.#sheets.push(
      await this.#part(
        `xl/worksheets/sheet${this.#sheets.length + 1}.xml`,
        `${explained}${rows.join("")}</sheetData></worksheet>`,
      ),
    );
    const path = `${this.#folder}/${this.#name}`;
    await writeStoredZip(path, [...(await this.#frame()), ...this.#sheets]);
    await rm(`${path}.parts`, { recursive: true, force: true });
    return hashFile(this.#name, path);
  }

  async #open(): Promise<void> {
    const widths = this.#columns.map(
      ({ type }, index) =>
        `<col min="${index + 1}" max="${index + 1}" width="${type === "text" ? 28 : 18}" customWidth="1"/>`,
    );
    this.#sheet = await FileSink.open(
      `${this.#folder}/${this.#name}.parts`,
      `xl/worksheets/sheet${this.#sheets.length + 1}.xml`,
    );
    this.#row = 0;
    await this.#sheet.write(sheetOf(widths.join(""), true));
    await this.#write(this.#columns.map(({ name }) => textCell(name, 1)));
  }

  async #write(cells: readonly string[]): Promise<void> {
    this.#row += 1;
    await this.#sheet?.write(`<row>${cells.join("")}</row>`);
  }

  async #close(): Promise<void> {
    await this.#sheet?.write("</sheetData></worksheet>");
    if (this.#sheet) this.#sheets.push(await this.#sheet.end());
    this.#sheet = null;
  }

  #part(name: string, text: string): Promise<WrittenFile> {
    return writeWhole(`${this.#folder}/${this.#name}.parts`, name, text);
  }

  async #frame(): Promise<WrittenFile[]> {
    const { length } = this.#sheets;
    const numbers = this.#sheets.map((_, index) => index + 1);
    const title = (number: number) => (number === length ? "About" : number === 1 ? "Data" : `Data ${number}`);
    const spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    const parts: [string, string][] = [
      [
        "[Content_Types].xml",
        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${spreadsheet}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${spreadsheet}.styles+xml"/>${numbers.map((number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${spreadsheet}.worksheet+xml"/>`).join("")}</Types>`,
      ],
      [
        "_rels/.rels",
        `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ],
      [
        "xl/workbook.xml",
        `<workbook xmlns="${NAMESPACE}" xmlns:r="${RELATIONS}"><sheets>${numbers.map((number) => `<sheet name="${title(number)}" sheetId="${number}" r:id="rId${number}"/>`).join("")}</sheets></workbook>`,
      ],
      [
        "xl/_rels/workbook.xml.rels",
        `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${numbers.map((number) => `<Relationship Id="rId${number}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${number}.xml"/>`).join("")}<Relationship Id="rId${length + 1}" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
      ],
      ["xl/styles.xml", STYLES],
    ];
    const written: WrittenFile[] = [];
    for (const [name, text] of parts) written.push(await this.#part(name, HEAD + text));
    return written;
  }
}

/** Formats of cells by number: text, head, amount, count. */
const STYLES = `<styleSheet xmlns="${NAMESPACE}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="49" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/><xf numFmtId="4" applyNumberFormat="1"/><xf numFmtId="3" applyNumberFormat="1"/></cellXfs></styleSheet>`;

function sheetOf(columns: string, isFrozen: boolean): string {
  const pane = isFrozen ? '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' : "";
  return `${HEAD}<worksheet xmlns="${NAMESPACE}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews><cols>${columns}</cols><sheetData>`;
}

function cellOf(cell: string | null, type: ReportTable["columns"][number]["type"]): string {
  if (cell === null) return "<c/>";
  if (type === "text") return textCell(safeText(cell), 0);
  return `<c s="${type === "amount" ? 2 : 3}"><v>${cell}</v></c>`;
}

function textCell(text: string, style: number): string {
  const shown =
    text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS - 40)}… (in full in CSV and JSON Lines)` : text;
  return `<c s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(shown)}</t></is></c>`;
}

/** Characters that XML cannot hold are shown as the one that stands for what cannot be shown. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\ufffe\uffff]/gu, (character) =>
      /[\t\n\r\u007f-\u009f]/.test(character) ? character : "\ufffd",
    )
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
