import { sliceTruth } from "#demo/estate/truth.ts";
import { amountOf, exactAmount, sumOf } from "#test/e2e/amounts.ts";
import type { PublicationView, SourceView } from "#lib/services/sources/source-view.ts";
import { formatPeriod } from "#lib/domain/format.ts";
import { addMonths } from "#lib/domain/period.ts";
import { expect, plantedIn, readApi, test } from "#test/e2e/demo-test.ts";
import { barPart, barTotal, choose, rowAmounts, spendIn } from "#test/e2e/spend-page.ts";

test.beforeEach(({ signInAs }) => signInAs("finance"));

test("each currency's bar adds up to the bill that was planted, and says that it agrees with the provider", async ({
  page,
  demo,
}) => {
  await page.goto(`/spend?period=${demo.month}`);
  const planted = {
    USD: [plantedIn(demo, "aws-billing", demo.month)],
    EUR: [plantedIn(demo, "azure", demo.month), plantedIn(demo, "gcp", demo.month)],
  };
  for (const [currency, slices] of Object.entries(planted)) {
    const { region, bar, rows } = spendIn(page, currency);
    await expect(bar).toContainText("agrees with the provider to the last decimal");
    const total = await barTotal(page, currency);
    expect(total).toEqual(sumOf(slices.map(({ totals }) => totals.billed)));
    const unallocated = await barPart(page, currency, "Unallocated");
    expect(unallocated).toEqual(sumOf(slices.map((slice) => slice.unallocated.billed)));
    const direct = await barPart(page, currency, "Direct");
    expect(direct).toEqual(sumOf(slices.flatMap((slice) => Object.values(slice.direct).map(({ billed }) => billed))));
    expect(sumOf([direct, await barPart(page, currency, "Shared"), unallocated])).toEqual(total);
    expect(sumOf(await rowAmounts(rows))).toEqual(total);
    await expect(region.getByRole("row", { name: /^Total/ }).last()).toBeVisible();
  }
});

test("the way down leads from a team to the line items, and each level sums to the cell above it", async ({
  page,
  demo,
}) => {
  // Direct cost only: the line items behind a share of a pool are the pool's, not the team's.
  await page.goto(`/spend?period=${demo.month}&kind=direct`);
  const first = () => spendIn(page, "USD").rows.first();
  let above = await exactAmount(first().locator("td span[title]").first());
  const planted = Object.values(plantedIn(demo, "aws-billing", demo.month).direct).map(({ billed }) =>
    amountOf(billed),
  );
  expect(planted.map(String)).toContain(String(above));

  for (const next of ["service", "account"]) {
    await first().getByRole("link").last().click();
    await expect(page.getByRole("table", { name: `Spend by ${next} in USD` })).toBeVisible();
    await expect.poll(async () => String(await barTotal(page, "USD"))).toBe(String(above));
    above = await exactAmount(first().locator("td span[title]").first());
  }

  await first().getByRole("link").last().click();
  const sheet = page.getByRole("dialog", { name: /^What it is made of/ });
  const resources = sheet.getByRole("table", { name: "Resources, USD" });
  await expect(resources.getByRole("row").nth(1)).toBeVisible();
  expect(String(sumOf(await rowAmounts(resources.locator("tbody").getByRole("row"))))).toBe(String(above));

  await sheet.getByRole("tab", { name: "Line items" }).click();
  const items = sheet.getByRole("region", { name: "Line items, USD", exact: true });
  const totalSaid = async () => {
    const words = (await items.locator("p").first().textContent()) ?? "";
    return String(amountOf(/line items, (.+?) USD/.exec(words)?.[1] ?? null));
  };
  await expect.poll(totalSaid).toBe(String(above));
  await expect(items.getByRole("columnheader", { name: "BilledCost" })).toBeVisible();
  await expect(page).toHaveURL(/sheet=items/);

  await sheet.getByRole("tab", { name: "Resources" }).click();
  const largest = resources.locator("tbody").getByRole("row").first();
  const ofResource = String(await exactAmount(largest.locator("td span[title]").first()));
  await largest.getByRole("button").click();
  await expect.poll(totalSaid).toBe(ofResource);
});

test("spend by a tag sums to the same bill, and its URL shows a colleague the same", async ({ page, demo }) => {
  await page.goto(`/spend?period=${demo.month}`);
  await choose(page, "By", "Tag application");
  await expect(page).toHaveURL(/by=tag%3Aapplication/);
  const { rows, table } = spendIn(page, "USD");
  await expect(page.getByRole("table", { name: "Spend by tag application in USD" })).toBeVisible();
  expect(await barTotal(page, "USD")).toEqual(amountOf(plantedIn(demo, "aws-billing", demo.month).totals.billed));
  const shown = await rows.allInnerTexts();
  expect(shown.length).toBeGreaterThan(5);
  await page.reload();
  await expect(table).toBeVisible();
  expect(await rows.allInnerTexts()).toEqual(shown);
});

test("the comparison is the month before as it was billed, and can be switched off", async ({ page, demo }) => {
  await page.goto(`/spend?period=${demo.month}&by=provider`);
  const { region, table } = spendIn(page, "USD");
  await expect(region).toContainText(`against ${formatPeriod(addMonths(demo.month, -1))}`);
  const before = table.locator("tfoot").getByRole("cell").nth(2).locator("[title]");
  expect(await exactAmount(before)).toEqual(
    amountOf(plantedIn(demo, "aws-billing", addMonths(demo.month, -1)).totals.billed),
  );
  await choose(page, "Against", "Nothing");
  await expect(table.getByRole("columnheader", { name: "Before" })).toHaveCount(0);
  await expect(page).toHaveURL(/compare=none/);
});

test("the same rows can be looked at as a chart, as a treemap and as a table alone", async ({ page, demo }) => {
  await page.goto(`/spend?period=${demo.month}`);
  const { region, rows } = spendIn(page, "USD");
  const chart = region.getByRole("figure", { name: "Team by day, USD" });
  const treemap = region.getByRole("figure", { name: "Treemap, USD" });
  await expect(chart).toBeVisible();
  const amounts = (await rowAmounts(rows)).map(String);
  await page.getByRole("link", { name: "Treemap" }).click();
  await expect(treemap).toBeVisible();
  await expect(treemap.getByRole("link").first()).toBeVisible();
  await expect(chart).toHaveCount(0);
  await page.getByRole("link", { name: "Table only" }).click();
  await expect(treemap).toHaveCount(0);
  await expect(chart).toHaveCount(0);
  expect((await rowAmounts(rows)).map(String)).toEqual(amounts);
});

test("in the reporting currency there is one bill, converted at a rate that it names", async ({ page, demo }) => {
  await page.goto(`/spend?period=${demo.month}`);
  await choose(page, "Currency", "All in EUR");
  await expect(page.getByRole("region", { name: "Spend in USD", exact: true })).toHaveCount(0);
  const { region, rows } = spendIn(page, "EUR");
  const words = (await region.getByText(/^Converted at/).textContent()) ?? "";
  const rate = amountOf(/1 USD = ([\d.]+) EUR/.exec(words)?.[1] ?? null);
  const dollars = amountOf(plantedIn(demo, "aws-billing", demo.month).totals.billed);
  const euros = sumOf((["azure", "gcp"] as const).map((source) => plantedIn(demo, source, demo.month).totals.billed));
  const total = await barTotal(page, "EUR");
  // The rate is shown with six decimals; what that leaves open is all that may lie between.
  const open = dollars.times("0.0000005").plus("0.01");
  expect(total.minus(dollars.times(rate).plus(euros)).abs().lessThanOrEqualTo(open)).toBe(true);
  expect(sumOf(await rowAmounts(rows))).toEqual(total);
});

test("as of the second before the month was delivered again, a quiet band stands above the figures of then", async ({
  page,
  demo,
}) => {
  const { source, period, totals } = demo.truth.restatement;
  const sources = await readApi<SourceView[]>(page, "sources");
  const slice = sources.find(({ key }) => key === source)?.slices.find((one) => one.period === period);
  const publications = await readApi<PublicationView[]>(page, `slices/${slice?.id}/publications`);
  const restated = publications.find(({ reason }) => reason === "redelivery");
  const before = new Date(Date.parse(restated?.publishedAt ?? "") - 1000).toISOString().slice(0, 19);

  await page.goto(`/spend?period=${period}&by=provider`);
  const now = sliceTruth(demo.truth, source, period, 2).totals.billed;
  expect(await barTotal(page, "USD")).toEqual(amountOf(now));
  await page.getByRole("button", { name: "As of now. Change." }).click();
  await page.getByLabel("Instant, UTC").fill(before);
  await page.getByRole("button", { name: "Read as of then" }).click();
  const band = page.getByRole("status").filter({ hasText: "As of" });
  await expect(band).toContainText(before.slice(11, 16));
  const then = amountOf(now).minus(totals.billed);
  await expect.poll(async () => String(await barTotal(page, "USD"))).toBe(String(then));
  expect(String(then)).toBe(String(amountOf(sliceTruth(demo.truth, source, period, 1).totals.billed)));

  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await expect(page).toHaveURL(/\/\?asOf=/);
  await expect(band).toBeVisible();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(band).toHaveCount(0);
});
