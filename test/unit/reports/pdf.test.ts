import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePdf } from "#lib/reports/bundle/write-pdf.ts";

let folder: string;
let text: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bursar-pdf-"));
  await writePdf(join(folder, "report.pdf"), {
    title: "Report – Zoë 東京",
    organisation: "Test & Söhne",
    asOf: new Date("2026-07-01T00:00:00Z"),
    software: "Bursar 0.0.0",
    sections: [
      { title: "Method", text: ["A sentence."] },
      {
        title: "Rows",
        table: {
          title: "Rows",
          head: ["Name", "Count"],
          rows: Array.from({ length: 120 }, (_, n) => [`row ${n}`, String(n)]),
        },
      },
    ],
  });
  text = readFileSync(join(folder, "report.pdf"), "latin1");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("it says that it is PDF/A-2b, in metadata that are not compressed", () => {
  expect(text.startsWith("%PDF-1.7\n%\u00ff\u00ff\u00ff\u00ff")).toBe(true);
  expect(text).toMatch(/<pdfaid:part>2<\/pdfaid:part>\s*<pdfaid:conformance>B<\/pdfaid:conformance>/);
  expect(text).toContain("<xmp:CreateDate>2026-07-01T00:00:00");
  expect(text).toContain("(D:20260701000000Z)");
  expect(text).toMatch(/\/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]/);
});

test("it has an output intent with a colour profile, and every font is embedded", () => {
  expect(text).toContain("/S /GTS_PDFA1");
  expect(text).toContain("/DestOutputProfile");
  const fonts = text.match(/\/Type \/FontDescriptor/g) ?? [];
  expect(fonts.length).toBe(2);
  expect((text.match(/\/FontFile2/g) ?? []).length).toBe(fonts.length);
  expect(text).not.toContain("/BaseFont /Helvetica");
});

test("it has nothing transparent, nothing encrypted, no script and no way out of the file", () => {
  const banned = ["/SMask", "/Encrypt", "/JavaScript", "/JS ", "/URI", "/Launch", "/EmbeddedFile", "/LZWDecode"];
  expect(banned.filter((name) => text.includes(name))).toEqual([]);
  for (const [, alpha] of text.matchAll(/\/(?:ca|CA) ([\d.]+)/g)) expect(Number(alpha)).toBe(1);
});

test("a long table goes on over pages that are numbered", () => {
  expect((text.match(/\/Type \/Page\n/g) ?? []).length).toBeGreaterThan(2);
});
