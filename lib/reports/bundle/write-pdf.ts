import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createRequire } from "node:module";
import PDFDocument from "pdfkit";
import type { SummaryTable } from "#lib/reports/bundle/report-content.ts";

export type PdfReport = {
  title: string;
  organisation: string;
  /** The instant that the report is of; the only date in the file, so that the same report is the same bytes whenever it is made. */
  asOf: Date;
  software: string;
  sections: PdfSection[];
};

/** A heading, and below it sentences, pairs of name and value, or a table. */
export type PdfSection = { title: string; text?: string[]; pairs?: [string, string][]; table?: SummaryTable };

const MARGIN = { top: 56, bottom: 64, left: 56, right: 56 };
const INK = "#1a1d21";
const SOFT = "#5b626b";
const LINE = "#c9ced4";
const SIZE = { title: 20, heading: 12, body: 9.5, small: 8 };
/** Rows of one table in the readable report. What is longer is said to be, and stands in full in the data. */
const MOST_ROWS = 400;
const NAME_WIDTH = 130;

type Pdf = InstanceType<typeof PDFDocument>;

/**
 * The readable report as PDF/A-2b (ISO 19005-2): fonts embedded, colours by an sRGB output intent, nothing transparent, nothing outside of the
 * file. Streams are not compressed, so that its bytes do not depend on anybody's zlib.
 */
export async function writePdf(path: string, report: PdfReport): Promise<void> {
  const pdf = new PDFDocument({
    size: "A4",
    margins: MARGIN,
    pdfVersion: "1.7",
    subset: "PDF/A-2b",
    compress: false,
    bufferPages: true,
    lang: "en",
    displayTitle: true,
    font: fontFile("400"),
    info: {
      Title: report.title,
      Author: report.organisation,
      Creator: report.software,
      Producer: report.software,
      CreationDate: report.asOf,
    },
  });
  pdf.registerFont("text", fontFile("400"));
  pdf.registerFont("bold", fontFile("600"));
  const file = pdf.pipe(createWriteStream(path, { mode: 0o600 }));
  head(pdf, report);
  for (const section of report.sections) drawSection(pdf, section);
  footers(pdf, report);
  pdf.end();
  await finished(file);
}

function fontFile(weight: "400" | "600"): string {
  return createRequire(import.meta.url).resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff`);
}

function head(pdf: Pdf, { title, organisation, asOf }: PdfReport): void {
  pdf.font("text").fontSize(SIZE.body).fillColor(SOFT).text(shown(organisation));
  pdf.moveDown(0.3).font("bold").fontSize(SIZE.title).fillColor(INK).text(shown(title));
  pdf.moveDown(0.2).font("text").fontSize(SIZE.body).fillColor(SOFT);
  pdf.text(`As of ${asOf.toISOString().slice(0, 19).replace("T", " ")} UTC`);
}

function drawSection(pdf: Pdf, { title, text, pairs, table }: PdfSection): void {
  keepTogether(pdf, 60);
  pdf.moveDown(1.4).font("bold").fontSize(SIZE.heading).fillColor(INK).text(shown(title), MARGIN.left);
  pdf.moveDown(0.4).font("text").fontSize(SIZE.body);
  for (const sentence of text ?? [])
    pdf.fillColor(INK).text(shown(sentence), MARGIN.left, undefined, { lineGap: 2 }).moveDown(0.2);
  for (const [name, value] of pairs ?? []) drawPair(pdf, name, value);
  if (table) drawTable(pdf, table);
}

function drawPair(pdf: Pdf, name: string, value: string): void {
  const width = pdf.page.width - MARGIN.left - MARGIN.right - NAME_WIDTH;
  pdf.font("text").fontSize(SIZE.body);
  const height = Math.max(
    pdf.heightOfString(shown(value) || "—", { width }),
    pdf.heightOfString(shown(name), { width: NAME_WIDTH - 10 }),
  );
  keepTogether(pdf, Math.min(height, 200));
  const { y } = pdf;
  pdf.fillColor(SOFT).text(shown(name), MARGIN.left, y, { width: NAME_WIDTH - 10 });
  pdf.fillColor(INK).text(shown(value) || "—", MARGIN.left + NAME_WIDTH, y, { width });
  // A long value may have gone on to the next page: the next pair stands below it.
  pdf.x = MARGIN.left;
  if (pdf.y < y + height && pdf.y >= y) pdf.y = y + height;
  pdf.y += 3;
}

function drawTable(pdf: Pdf, table: SummaryTable): void {
  const rows = table.rows.slice(0, MOST_ROWS);
  const widths = widthsOf(pdf, table.head, rows);
  drawHead(pdf, table.head, widths, isNumeric(rows));
  for (const row of rows) {
    const height = rowHeight(pdf, row, widths);
    if (pdf.y + height > pdf.page.height - MARGIN.bottom) {
      pdf.addPage();
      drawHead(pdf, table.head, widths, isNumeric(rows));
    }
    drawRow(pdf, row, widths, isNumeric(rows), "text");
  }
  pdf.x = MARGIN.left;
  if (rows.length === 0) pdf.fillColor(SOFT).text("None.");
  if (rows.length < table.rows.length)
    pdf
      .moveDown(0.5)
      .fillColor(SOFT)
      .text(`${table.rows.length - rows.length} more stand in the data files.`);
}

function drawHead(pdf: Pdf, head: readonly string[], widths: readonly number[], numeric: readonly boolean[]): void {
  drawRow(pdf, head, widths, numeric, "bold");
}

function drawRow(
  pdf: Pdf,
  row: readonly string[],
  widths: readonly number[],
  numeric: readonly boolean[],
  font: "text" | "bold",
): void {
  const { y } = pdf;
  const height = rowHeight(pdf, row, widths);
  pdf
    .font(font)
    .fontSize(SIZE.small)
    .fillColor(font === "bold" ? SOFT : INK);
  let x = MARGIN.left;
  for (const [index, width] of widths.entries()) {
    pdf.text(shown(row[index] ?? ""), x, y + 3, { width: width - 8, align: numeric[index] ? "right" : "left" });
    x += width;
  }
  pdf.y = y + height;
  pdf
    .lineWidth(0.5)
    .strokeColor(LINE)
    .moveTo(MARGIN.left, pdf.y)
    .lineTo(x - 8, pdf.y)
    .stroke();
}

function rowHeight(pdf: Pdf, row: readonly string[], widths: readonly number[]): number {
  pdf.font("text").fontSize(SIZE.small);
  const heights = widths.map((width, index) =>
    pdf.heightOfString(shown(row[index] ?? "") || " ", { width: width - 8 }),
  );
  return Math.min(Math.max(...heights) + 6, 300);
}

/** As wide as its longest text wants, within reason. Where there is less room no word is broken as long as the words have room. */
function widthsOf(pdf: Pdf, head: readonly string[], rows: readonly string[][]): number[] {
  pdf.font("bold").fontSize(SIZE.small);
  const textsOf = (index: number) => [head[index] ?? "", ...rows.map((row) => row[index] ?? "")].map(shown);
  const widest = (texts: readonly string[]) =>
    Math.min(
      260,
      texts.reduce((most, text) => Math.max(most, pdf.widthOfString(text) + 10), 36),
    );
  const wanted = head.map((_, index) => widest(textsOf(index)));
  const room = pdf.page.width - MARGIN.left - MARGIN.right;
  const total = sumOf(wanted);
  if (total <= room) return wanted;
  const least = head.map((_, index) => widest(textsOf(index).flatMap((text) => text.split(" "))));
  const words = sumOf(least);
  if (words >= room) return wanted.map((width) => (width * room) / total);
  return wanted.map((width, index) => {
    const word = least[index] ?? 0;
    return word + ((width - word) * (room - words)) / (total - words);
  });
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

function isNumeric(rows: readonly string[][]): boolean[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, index) => {
    const cells = rows.map((row) => row[index] ?? "").filter((cell) => cell !== "");
    return cells.length > 0 && cells.every((cell) => /^[-\u2212]?[\d.,]+$/.test(cell));
  });
}

function footers(pdf: Pdf, { title, software }: PdfReport): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page);
    // Within the bottom margin text would begin a page of its own.
    pdf.page.margins.bottom = 0;
    const y = pdf.page.height - 40;
    const width = pdf.page.width - MARGIN.left - MARGIN.right;
    pdf.font("text").fontSize(SIZE.small).fillColor(SOFT);
    pdf.text(`${shown(title)} · ${software}`, MARGIN.left, y, { width: width - 80, lineBreak: false, ellipsis: true });
    pdf.text(`${page - start + 1} of ${count}`, MARGIN.left, y, { width, align: "right" });
    pdf.page.margins.bottom = MARGIN.bottom;
  }
}

function keepTogether(pdf: Pdf, height: number): void {
  if (pdf.y + height > pdf.page.height - MARGIN.bottom) pdf.addPage();
}

/** PDF/A forbids characters that the font has no shape for. The data files have them as they are. */
function shown(text: string): string {
  return text
    .replaceAll("\u2212", "-")
    .replaceAll(
      /[^\n\u0020-\u007e\u00a0-\u00ff\u0131\u0152\u0153\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u20ac]/gu,
      "?",
    );
}
