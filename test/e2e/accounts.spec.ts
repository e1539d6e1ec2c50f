import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import type { Locator, Page } from "@playwright/test";
import { ORGANIZATION_PLANTS } from "#demo/estate/aws-organization.ts";
import { addMonths } from "#lib/domain/period.ts";
import type { AccountsView } from "#lib/services/accounts/accounts-view.ts";
import type { Actor } from "#lib/access/actor.ts";
import { amountOf, exactAmount, sumOf } from "#test/e2e/amounts.ts";
import { expect, plantedIn, readApi, test } from "#test/e2e/demo-test.ts";
import { barTotal, choose } from "#test/e2e/spend-page.ts";

test("all accounts together are the bill that was planted, and every unit is the sum of what is below it", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("finance");
  await page.goto(`/spend/accounts?period=${demo.month}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(
    "whose it is, and whether it should still be there",
  );
  const { region, table } = accountsIn(page, "USD");
  const planted = amountOf(plantedIn(demo, "aws-billing", demo.month).totals.billed);
  await expect(page.getByText("agrees with the provider to the last decimal").first()).toBeVisible();
  expect(await exactAmount(amountIn(table.locator("tfoot").getByRole("row")))).toEqual(planted);

  // Nothing but the root and what is outside of it stands at the left edge, and they hold everything.
  const tops = unitRows(table).filter({ has: page.locator("[style*='calc(0 *']") });
  expect(sumOf(await amountsOf(tops))).toEqual(planted);

  const infrastructure = unitRow(table, "Infrastructure");
  const sum = await exactAmount(amountIn(infrastructure));
  await page.getByRole("group", { name: "Which accounts" }).getByRole("button", { name: /^Unit/ }).click();
  await page.getByRole("option", { name: "Infrastructure", exact: true }).click();
  await expect(page).toHaveURL(/unit=ou-/);
  await expect(region.locator("tfoot")).toContainText("accounts");
  await expect
    .poll(async () => String(await exactAmount(amountIn(table.locator("tfoot").getByRole("row")))))
    .toBe(String(sum));
  expect(sumOf(await amountsOf(accountRows(table)))).toEqual(sum);
});

test("the account that left and still costs, and the one that never cost anything, are found by their counts", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("platform");
  await page.goto(`/spend/accounts?period=${demo.month}`);
  const counts = page.getByRole("list", { name: "How many accounts" });
  await counts.getByRole("link", { name: /not in the organisation$/ }).click();
  const { table } = accountsIn(page, "USD");
  await expect(accountRows(table)).toHaveCount(1);
  await expect(accountRows(table)).toContainText(ORGANIZATION_PLANTS.left);
  await expect(accountRows(table)).toContainText("Not in the organisation");

  await counts.getByRole("link", { name: /in the organisation without cost$/ }).click();
  await expect(accountRows(table).filter({ hasText: ORGANIZATION_PLANTS.withoutCost })).toContainText("no cost");

  await counts.getByRole("link", { name: /suspended or closed$/ }).click();
  await expect(accountRows(table).first()).toContainText(/Closed|Suspended/);
});

test("an account's owner is never a bare name: the claims stand behind it, and its sheet leads to its cost", async ({
  page,
  signInAs,
  demo,
}) => {
  const { account, team } = ORGANIZATION_PLANTS.contradicting;
  await signInAs("finance");
  await page.goto(`/spend/accounts?period=${demo.month}`);
  await page.getByRole("searchbox", { name: /^Find account/ }).fill(account);
  await expect(page).toHaveURL(new RegExp(`find=${account}`));
  const { table } = accountsIn(page, "USD");
  const row = accountRows(table);
  await expect(row).toHaveCount(1);
  await row.getByRole("button", { name: /^Explicit: why/ }).click();
  const evidence = page.getByRole("dialog", { name: `Whose ${account} is, and why` });
  await expect(evidence.getByRole("listitem").first()).toContainText("Won");
  await expect(evidence.getByRole("listitem").first()).toContainText(`“${team}”`);
  await expect(evidence.getByRole("listitem").first()).toContainText("The account's tag");
  await page.keyboard.press("Escape");
  await expect(evidence).toHaveCount(0);

  const amount = await exactAmount(amountIn(row));
  await row.getByRole("button", { name: account, exact: true }).click();
  const sheet = page.getByRole("dialog", { name: account, exact: true });
  await expect(sheet).toContainText("Whose it is");
  await expect(sheet.getByRole("definition").filter({ hasText: team })).toBeVisible();
  await expect(page).toHaveURL(/account=AWS/);
  await page.reload();
  await expect(sheet).toBeVisible();
  await expect(sheet.getByRole("link", { name: "What happened in it" })).toHaveAttribute(
    "href",
    /^\/audit\?account=\d{12}$/,
  );
  await sheet.getByRole("link", { name: "What it spends on" }).click();
  await expect(page).toHaveURL(/\/spend\?.*subAccount=/);
  expect(String(await barTotal(page, "USD"))).toBe(String(amount));
});

test("the list holds the same accounts as the tree, and its URL shows a colleague the same", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("auditor");
  await page.goto(`/spend/accounts?period=${demo.month}&owner=derived`);
  const { region, table } = accountsIn(page, "USD");
  const total = await exactAmount(amountIn(table.locator("tfoot").getByRole("row")));
  await page.getByRole("link", { name: "List", exact: true }).click();
  await expect(page).toHaveURL(/look=list/);
  const list = region.getByRole("table", { name: "Accounts, USD" });
  expect(sumOf(await amountsOf(list.locator("tbody").getByRole("row")))).toEqual(total);
  await choose(page, "Basis", "Effective");
  await expect(page).toHaveURL(/basis=effective.*owner=derived.*look=list/);
});

test("the export holds the accounts that are shown, with every decimal and the owner's evidence", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("finance");
  await page.goto(`/spend/accounts?period=${demo.month}&owner=derived`);
  const { table } = accountsIn(page, "USD");
  const total = await exactAmount(amountIn(table.locator("tfoot").getByRole("row")));
  const started = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).first().click();
  const file = await started;
  expect(file.suggestedFilename()).toBe(`accounts-${demo.month}-01-${addMonths(demo.month, 1)}-01.csv`);
  const rows: Record<string, string>[] = parse(await readFile(await file.path()), { bom: true, columns: true });
  expect(new Set(rows.map((row) => row["Owner's evidence"]))).toEqual(new Set(["derived"]));
  expect(sumOf(rows.map((row) => row["billed cost"] ?? ""))).toEqual(total);
});

test("a team member sees the accounts that the own team has cost in or owns, and no other's mail and tags", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("member");
  const { actor } = await readApi<{ actor: Actor }>(page, "session");
  const view = await readApi<AccountsView>(page, `accounts?period=${demo.month}`);
  const rows = view.sections.flatMap((section) => section.rows);
  expect(rows.length).toBeGreaterThan(0);
  const others = rows.filter(({ owner }) => owner.team?.key !== actor.teamKey);
  expect(
    others.filter(({ membership }) => membership !== null && (membership.mail !== "" || membership.tags !== null)),
  ).toEqual([]);
  expect(others.filter(({ presence }) => presence === "organisation-only")).toEqual([]);
  await page.goto(`/spend/accounts?period=${demo.month}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("each account of your team");
  await expect(page.getByRole("region", { name: /^Accounts in/ }).first()).toBeVisible();
});

test("sources that have the same accounts check each other, and the month opens to its services", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("finance");
  await page.goto("/sources");
  const panel = page.getByRole("region", { name: "Sources that check each other" });
  await expect(panel).toContainText("AWS Data Export counts, AWS Cost Explorer is only compared with it");
  const table = panel.getByRole("table");
  const month = table
    .getByRole("row")
    .filter({ has: page.getByRole("button", { expanded: false }) })
    .nth(1);
  const planted = amountOf(plantedIn(demo, "aws-billing", demo.month).totals.billed);
  expect(String(await exactAmount(month.locator("td span[title]").first()))).toBe(String(planted));
  await expect(month).toContainText("agrees");
  await month.getByRole("button").click();
  const services = table.getByRole("row", { name: /^Amazon|^AWS/ });
  await expect(services.first()).toBeVisible();
  expect(await services.count()).toBeGreaterThan(5);
});

function accountsIn(page: Page, currency: string): { region: Locator; table: Locator } {
  const region = page.getByRole("region", { name: `Accounts in ${currency}`, exact: true });
  return { region, table: region.getByRole("table", { name: `Accounts by unit, ${currency}` }) };
}

function unitRows(table: Locator): Locator {
  return table.locator("tbody tr").filter({ has: table.page().locator("button[aria-expanded]:not([aria-haspopup])") });
}

function unitRow(table: Locator, name: string): Locator {
  return unitRows(table).filter({ has: table.page().getByRole("button", { name: new RegExp(`^${name} \\d`) }) });
}

function accountRows(table: Locator): Locator {
  return table.locator("tbody tr").filter({ has: table.page().locator("th button[aria-haspopup]") });
}

/** The amount of a row, with every decimal in its title. */
function amountIn(row: Locator): Locator {
  return row.locator("td.text-right span[title]").first();
}

async function amountsOf(rows: Locator) {
  await rows.first().waitFor();
  const titles = await rows.evaluateAll((all) =>
    all.map((row) => row.querySelector("td span[title$='USD']")?.getAttribute("title") ?? "0"),
  );
  return titles.map((title) => amountOf(title));
}
