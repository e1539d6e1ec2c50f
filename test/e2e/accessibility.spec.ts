import { AxeBuilder } from "@axe-core/playwright";
import { formatPeriod } from "#lib/domain/format.ts";
import { expect, test } from "#test/e2e/demo-test.ts";
import { expectAccessible, settled, violations } from "#test/e2e/expect-accessible.ts";

/** One team or one service where a page's size would only repeat the same marks; axe measures every cell's colours. */
const PAGES = {
  overview: "/",
  "spend of a team, as a chart": "/spend?period=MONTH&by=service&team=motor-claims&grain=month",
  "spend of a business unit, as a treemap": "/spend?period=MONTH&view=treemap&businessUnit=claims&provider=AWS",
  "spend of a service, as a table": "/spend?period=MONTH&view=table&by=subAccount&service=AWS+Support&kind=shared",
  "the resources behind an amount":
    "/spend?period=MONTH&by=subAccount&view=table&team=motor-claims&kind=direct&sheet=resources",
  "accounts by unit": "/spend/accounts?period=MONTH&find=claims",
  "accounts as a list, with what is wrong": "/spend/accounts?period=MONTH&look=list&presence=cost-only",
  "what has no owner": "/spend/unallocated?period=MONTH",
  rules: "/spend/rules",
  "shared pools": "/spend/rules?tab=pools",
  periods: "/spend/rules?tab=periods",
  reports: "/reports?kind=allocation",
  sources: "/sources",
  "the log": "/activity?action=rates.published",
} as const;

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: no violation in light and dark, wide and narrow`, async ({ page, signInAs, demo }) => {
    await signInAs("admin");
    await page.goto(path.replace("MONTH", demo.month));
    await expectAccessible(page);
  });
}

test("a page that is not there: no violation in light and dark, wide and narrow", async ({
  page,
  signInAs,
  quietConsole,
}) => {
  await signInAs("admin");
  // Chromium itself reports the status of this page.
  quietConsole.allow(/status of 404/);
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page.");
  await expectAccessible(page);
});

test("the sign-in page: no violation in light and dark, wide and narrow", async ({ page }) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("button").first()).toBeVisible();
  await expectAccessible(page);
});

test("the dialogs and the command palette: no violation", async ({ page, signInAs, demo }) => {
  await signInAs("admin");
  await page.goto("/spend/rules");
  await page.getByRole("button", { name: "New rule" }).click();
  await expect(page.getByRole("dialog", { name: "New rule" })).toBeVisible();
  expect(await violations(new AxeBuilder({ page }).include("[role=dialog]"))).toEqual([]);
  await page.goto(`/spend?period=${demo.month}`);
  // A key that is pressed before the page listens is lost, as it is for anybody.
  await expect(async () => {
    await page.keyboard.press("Control+k");
    const option = page.getByRole("dialog", { name: "Go to" }).getByRole("option").first();
    await expect(option).toBeVisible({ timeout: 3_000 });
  }).toPass();
  expect(await violations(new AxeBuilder({ page }).include("[role=dialog]"))).toEqual([]);
});

test("the command palette opens with Ctrl K, is chosen from with the arrows, and goes", async ({ page, signInAs }) => {
  await signInAs("finance");
  await page.goto("/");
  const palette = page.getByRole("combobox", { name: "Page, month, team or service" });
  // A key that is pressed before the page listens is lost, as it is for anybody.
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(palette).toBeFocused({ timeout: 3_000 });
  }).toPass();
  await palette.pressSequentially("page s");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("option", { selected: true })).toContainText("Spend");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/spend$/);
  await page.keyboard.press("Control+k");
  await expect(palette).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette).toHaveCount(0);
});

test("the command palette searches the audit trail for whoever may read it, and for nobody else", async ({
  page,
  signInAs,
}) => {
  const palette = page.getByRole("combobox", { name: "Page, month, team or service" });
  const type = async (text: string) => {
    await page.goto("/");
    // A key that is pressed before the page listens is lost, as it is for anybody.
    await expect(async () => {
      await page.keyboard.press("Control+k");
      await expect(palette).toBeFocused({ timeout: 3_000 });
    }).toPass();
    await palette.pressSequentially(text);
  };
  await signInAs("auditor");
  await type("nobody & co");
  await expect(page.getByRole("option")).toHaveText(["AuditSearch the audit trail for “nobody & co”"]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/audit\?q=nobody\+%26\+co$/);
  await signInAs("member");
  await type("nobody & co");
  await expect(page.getByText("Nothing has this name.")).toBeVisible();
});

test("a filter is set with the keyboard alone", async ({ page, signInAs, demo }) => {
  await signInAs("finance");
  await page.goto(`/spend?period=${demo.month}`);
  await expect(page.getByRole("region", { name: "Spend in USD", exact: true })).toBeVisible();
  const trigger = page.getByRole("list", { name: "Filters" }).getByRole("button", { name: "Filter", exact: true });
  await trigger.focus();
  await page.keyboard.press("Enter");
  const dimension = page.getByRole("button", { name: "Provider", exact: true });
  await expect(dimension).toBeVisible();
  await dimension.focus();
  await page.keyboard.press("Enter");
  await expect(
    page.getByRole("searchbox", { name: "Find provider" }).or(page.getByLabel("Find provider")),
  ).toBeFocused();
  await page.keyboard.type("Micro");
  const value = page.getByRole("checkbox", { name: /^Microsoft/ });
  await expect(value).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(value).toBeFocused();
  await page.keyboard.press("Space");
  await expect(value).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/provider=Microsoft/);
  await expect(page.getByRole("list", { name: "Filters" })).toContainText("Microsoft");
});

test("a dialog keeps the focus inside, and gives it back when it is left by Escape", async ({ page, signInAs }) => {
  await signInAs("finance");
  await page.goto("/spend/rules");
  const opener = page.getByRole("button", { name: "New rule" });
  await opener.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "New rule" });
  await expect(dialog).toBeVisible();
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press("Tab");
    // The ring of focus may pass through the guards beside the dialog, never through the page behind it.
    expect(await page.evaluate(() => document.activeElement?.closest("main") === null)).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test("the skip link leads past the rail", async ({ page, signInAs }) => {
  await signInAs("finance");
  await page.goto("/sources");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#content$/);
});

test("a printed page has neither rail nor controls, and says its question in words", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("finance");
  await page.goto(`/spend?period=${demo.month}&provider=Microsoft`);
  await settled(page);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Sections" })).toBeHidden();
  await expect(page.getByRole("group", { name: "Question" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Export CSV" })).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(formatPeriod(demo.month));
  await expect(page.getByRole("list", { name: "Filters" })).toContainText("Provider");
  await expect(page.getByText(/^Loaded/)).toBeVisible();
  expect((await page.pdf()).byteLength).toBeGreaterThan(10_000);
});
