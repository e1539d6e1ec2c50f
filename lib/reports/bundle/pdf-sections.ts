import type { WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ContentAfter, ReportContent, TableSums } from "#lib/reports/bundle/report-content.ts";
import type { PdfSection } from "#lib/reports/bundle/write-pdf.ts";

/** What the readable report says, in the order in which an auditor asks: what, how, how much, of what, what is missing, who, where it stands. */
export function pdfSections<Item>(
  content: ReportContent<Item>,
  after: ContentAfter,
  sums: TableSums,
  files: readonly WrittenFile[],
): PdfSection[] {
  return [
    { title: "Scope and period", pairs: content.scope },
    { title: "Method", text: content.method },
    { title: "Population", pairs: [["Rows", String(sums.rows)]] },
    ...totalSections(sums, after),
    ...sums.counts.map(({ column, values }) =>
      table(
        `Rows by ${column.toLowerCase()}`,
        [column, "Rows"],
        values.map(([value, count]) => [value || "(none)", String(count)]),
      ),
    ),
    ...after.summaries.map(({ title, head, rows }) => table(title, head, rows)),
    table(
      "Sources",
      ["Source", "Part", "Read", "Run"],
      after.sources.map(({ source, part, at, run }) => [source, part, instant(at), run ?? ""]),
    ),
    gapSection(after),
    ...(after.people.length > 0 ? [table("People", ["Who", "What"], after.people)] : []),
    {
      ...table(
        "Files",
        ["File", "Bytes", "SHA-256"],
        files.map(({ name, size, sha256 }) => [name, String(size), sha256]),
      ),
      text: [
        "The full population stands in the data files. manifest.json has the SHA-256 of every file and is signed; README.md says how to check it without Bursar.",
      ],
    },
  ];
}

function totalSections({ totals }: TableSums, { controlTotals }: ContentAfter): PdfSection[] {
  return [
    ...(totals.length === 0
      ? []
      : [
          table(
            "Totals",
            ["Column", "Of", "Sum"],
            totals.map(({ column, where, sum }) => [
              column,
              where === null ? "all rows" : where.value || "(none)",
              sum,
            ]),
          ),
        ]),
    ...(controlTotals.length === 0
      ? []
      : [
          {
            ...table(
              "Control totals",
              ["What", "Reported", "By the source", "Difference"],
              controlTotals.map(({ name, total, expected, difference }) => [name, total, expected, difference]),
            ),
            text: ["What is reported, compared with what the source itself totals."],
          },
        ]),
  ];
}

function gapSection({ gaps }: ContentAfter): PdfSection {
  if (gaps.length === 0) return { title: "Gaps", text: ["Nothing that was asked for is missing."] };
  return {
    ...table(
      "Gaps",
      ["Source", "Part", "From", "To", "Reason"],
      gaps.map(({ source, part, from, to, reason }) => [
        source,
        part,
        instant(from),
        to === null ? "open" : instant(to),
        reason ?? "",
      ]),
    ),
    text: ["What lies in a gap is not known. It is in the population, and counted as nothing good."],
  };
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): PdfSection {
  return { title, table: { title, head: [...head], rows: rows.map((row) => [...row]) } };
}

function instant(text: string | null): string {
  return text === null ? "unknown" : `${text.slice(0, 19).replace("T", " ")} UTC`;
}
