import type { Locator, Page } from "@playwright/test";
import { type DifferenceTruth } from "#demo/estate/truth.ts";
import { amountOf, sumOf } from "#test/e2e/amounts.ts";
import { expect, test } from "#test/e2e/demo-test.ts";
import { formatPeriod } from "#lib/domain/format.ts";

const PULL_LIMIT_MS = 60_000;
/** Pages of a difference; each holds 25 rows. */
const MOST_PAGES = 40;

test.beforeEach(({ signInAs }) => signInAs("platform"));

test("the calendar shows the month that was never delivered, and no other as missing", async ({ page, demo }) => {
  await page.goto("/sources");
  await expect(page.getByRole("list", { name: /^Periods of/ }).first()).toBeVisible();
  const missing = page.getByRole("button", { name: /: missing/ });
  await expect(missing).toHaveCount(demo.truth.holes.length);
  const google = page.getByRole("region", { name: "Google Cloud billing", exact: true });
  for (const { period } of demo.truth.holes) {
    await expect(google.getByRole("button", { name: `${formatPeriod(period)}: missing` })).toBeVisible();
    await expect(google).toContainText(`missing: ${formatPeriod(period)}`);
  }
});

test("pulling a month again shows its progress until it ends, and finds nothing changed", async ({ page, demo }) => {
  const month = formatPeriod(demo.month);
  await page.goto("/sources");
  const source = page.getByRole("region", { name: "AWS Data Export", exact: true });
  await source.getByRole("button", { name: `${month}: loaded` }).click();
  const sheet = page.getByRole("dialog", { name: `AWS Data Export, ${month}` });
  // A line with a bar while it reads, words alone while it waits; both are gone after a moment where there is little to read.
  const shown = await watchFor(page, `Pull ${month}: `);
  await sheet.getByRole("button", { name: "Pull this period again" }).click();
  await sheet.getByRole("button", { name: "Close" }).click();
  await expect.poll(shown, { timeout: PULL_LIMIT_MS }).toBe(true);
  const progress = source.getByText(`Pull ${month}: `);
  await expect(progress).toHaveCount(0, { timeout: PULL_LIMIT_MS });
  await source.getByText(/^The last \d+ runs$/).click();
  const run = source.getByRole("region", { name: "Runs of AWS Data Export" }).locator("tbody").getByRole("row").first();
  await expect(run).toContainText(`pull ${month}`);
  await expect(run).toContainText(/Unchanged|Published/);
  await expect(run).toContainText("tom.ruhland");
});

test("pull now says so where a source has nothing new", async ({ page }) => {
  await page.goto("/sources");
  const source = page.getByRole("region", { name: "Azure cost export", exact: true });
  // What an earlier change still has pulled or allocated anew comes first.
  await source.getByRole("button", { name: "Pull now" }).click({ timeout: PULL_LIMIT_MS });
  await expect(page.getByText("Azure cost export: nothing new")).toBeVisible({ timeout: PULL_LIMIT_MS });
  await expect(source.getByRole("button", { name: "Pull now" })).toBeEnabled({ timeout: PULL_LIMIT_MS });
});

test("the versions of the restated month show the difference that was planted, row by row", async ({ page, demo }) => {
  const { period, totals, rows } = demo.truth.restatement;
  await page.goto("/sources");
  const source = page.getByRole("region", { name: "AWS Data Export", exact: true });
  await source.getByRole("button", { name: `${formatPeriod(period)}: loaded` }).click();
  const sheet = page.getByRole("dialog", { name: `AWS Data Export, ${formatPeriod(period)}` });
  const version = sheet.getByRole("row").filter({ hasText: "Delivered again" });
  const change = version.getByRole("button");
  expect(amountOf(/^(.+?)\s*USD/.exec(await change.innerText())?.[1] ?? null).toFixed(2)).toBe(
    amountOf(totals.billed).toFixed(2),
  );
  await change.click();
  const difference = sheet.getByRole("region", { name: "The difference", exact: true });
  await expect(difference.getByRole("table")).toBeVisible();

  const shown = await readChanges(page, difference);
  expect(String(sumOf(shown.map(({ amount }) => amount)))).toBe(String(amountOf(totals.billed)));
  const cellOf = ({ accountName, serviceName }: Pick<DifferenceTruth, "accountName" | "serviceName">) =>
    `${accountName} · ${serviceName}`;
  for (const [cell, planted] of Map.groupBy(rows, cellOf)) {
    const found = shown.filter((row) => cellOf(row) === cell);
    expect(String(sumOf(found.map(({ amount }) => amount))), cell).toBe(
      String(sumOf(planted.map(({ amounts }) => amounts.billed))),
    );
  }
  const planted = new Set(rows.map(cellOf));
  expect(
    shown
      .filter((row) => !planted.has(cellOf(row)))
      .map(({ amount }) => String(amount))
      .filter((amount) => amount !== "0"),
  ).toEqual([]);
});

/** Every page of the difference: team, service, account and the exact change. */
async function readChanges(page: Page, difference: Locator) {
  const all: { serviceName: string; accountName: string; amount: ReturnType<typeof amountOf> }[] = [];
  const next = difference.getByRole("button", { name: "Next" });
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const cells = await difference.locator("tbody tr").evaluateAll((rows) =>
      rows.map((row) => {
        const [service, account, , , change] = [...row.querySelectorAll("td")];
        return [
          service?.innerText ?? "",
          account?.innerText ?? "",
          change?.querySelector("[title]")?.getAttribute("title") ?? "",
        ] as const;
      }),
    );
    for (const [serviceName, accountName, change] of cells)
      all.push({ serviceName, accountName, amount: amountOf(change) });
    if ((await next.count()) === 0 || (await next.isDisabled())) return all;
    await next.click();
  }
  throw new Error(`The difference has more than ${MOST_PAGES} pages.`);
}

/** Answers whether the text has stood on the page since, however short. */
async function watchFor(page: Page, text: string): Promise<() => Promise<boolean>> {
  const watch = await page.evaluateHandle((wanted) => {
    const watched = { isSeen: false };
    new MutationObserver(() => (watched.isSeen ||= document.body.textContent.includes(wanted))).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return watched;
  }, text);
  return () => watch.evaluate(({ isSeen }) => isSeen);
}
