import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import type { Decimal } from "decimal.js";
import { sumOf } from "#test/e2e/amounts.ts";
import { addMonths } from "#lib/domain/period.ts";
import { expect, test } from "#test/e2e/demo-test.ts";
import { readFirstSheet } from "#test/e2e/read-xlsx.ts";
import { barTotal } from "#test/e2e/spend-page.ts";

test.beforeEach(async ({ page, signInAs, demo }) => {
  await signInAs("finance");
  await page.goto(`/spend?period=${demo.month}&by=service`);
});

test("the CSV export sums to the page's bills to the last decimal", async ({ page, demo }) => {
  const { name, body } = await download(page, "Export CSV");
  expect(name).toBe(`spend-by-service-${demo.month}-01-${addMonths(demo.month, 1)}-01.csv`);
  const sums = sumsByCurrency(parse(body, { bom: true }));
  for (const currency of ["USD", "EUR"])
    expect(String(sums.get(currency))).toBe(String(await barTotal(page, currency)));
  expect(sums.size).toBe(2);
});

test("the XLSX export sums to the page's bills to the cent", async ({ page, demo }) => {
  const { name, body } = await download(page, "Export XLSX");
  expect(name).toBe(`spend-by-service-${demo.month}-01-${addMonths(demo.month, 1)}-01.xlsx`);
  const sums = sumsByCurrency(readFirstSheet(body));
  for (const currency of ["USD", "EUR"])
    expect(sums.get(currency)?.toFixed(2)).toBe((await barTotal(page, currency)).toFixed(2));
  expect(sums.size).toBe(2);
});

test("an export holds what is shown: the filters of the page are its own", async ({ page, demo }) => {
  await page.goto(`/spend?period=${demo.month}&by=service&provider=Microsoft`);
  const { body } = await download(page, "Export CSV");
  const sums = sumsByCurrency(parse(body, { bom: true }));
  expect([...sums].map(([currency, sum]) => [currency, String(sum)])).toEqual([
    ["EUR", String(await barTotal(page, "EUR"))],
  ]);
});

async function download(page: Page, link: string): Promise<{ name: string; body: Buffer }> {
  const started = page.waitForEvent("download");
  await page.getByRole("link", { name: link }).first().click();
  const file = await started;
  return { name: file.suggestedFilename(), body: await readFile(await file.path()) };
}

function sumsByCurrency([header = [], ...rows]: string[][]): Map<string, Decimal> {
  const [currency, amount] = [header.indexOf("Currency"), header.indexOf("billed cost")];
  expect([currency, amount].every((index) => index >= 0)).toBe(true);
  return new Map(
    [...Map.groupBy(rows, (row) => row[currency] ?? "")].map(([code, own]) => [
      code,
      sumOf(own.map((row) => row[amount] ?? "")),
    ]),
  );
}
