import { type Locator, type Page } from "@playwright/test";
import { type Decimal } from "decimal.js";
import { amountOf, exactAmount, sumOf } from "#test/e2e/amounts.ts";

/** One currency of /spend, as a person reads it. */
export function spendIn(
  page: Page,
  currency: string,
): { region: Locator; bar: Locator; rows: Locator; table: Locator } {
  const region = page.getByRole("region", { name: `Spend in ${currency}`, exact: true });
  const table = region.getByRole("table", { name: /^Spend by .+ in [A-Z]{3}$/ });
  return {
    region,
    bar: region.getByRole("region", { name: /by how it reached an owner$/ }),
    table,
    rows: table.locator("tbody").getByRole("row"),
  };
}

/** What the bar's right edge says, with every decimal. */
export async function barTotal(page: Page, currency: string): Promise<Decimal> {
  const { bar } = spendIn(page, currency);
  return exactAmount(bar.locator("[title]", { hasText: new RegExp(`\\d.${currency}$`) }).last());
}

/** A part of the bar; zero where it is not drawn. */
export async function barPart(
  page: Page,
  currency: string,
  part: "Direct" | "Shared" | "Unallocated",
): Promise<Decimal> {
  const { bar } = spendIn(page, currency);
  await bar.waitFor();
  const drawn = bar.getByRole("link", { name: `${part}:` });
  if ((await drawn.count()) === 0) return sumOf([]);
  return amountOf(/: (.+?) [A-Z]{3}/.exec((await drawn.first().getAttribute("aria-label")) ?? "")?.[1] ?? null);
}

/** The amounts of a table's rows in its column for the currency, with every decimal. The table must fit on one page. */
export async function rowAmounts(rows: Locator): Promise<Decimal[]> {
  const titles = await rows.evaluateAll((all) =>
    all.map((row) => row.querySelector("td span[title]")?.getAttribute("title") ?? null),
  );
  return titles.map((title) => amountOf(title));
}

/** Chooses an option of one of the question's selects. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page
    .getByRole("group", { name: "Question" })
    .getByRole("button", { name: label })
    .or(page.getByRole("combobox", { name: label }))
    .first()
    .click();
  await page.getByRole("option", { name: option, exact: true }).click();
}
