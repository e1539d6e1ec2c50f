import { amountOf } from "#test/e2e/amounts.ts";
import { expect, readApi, test } from "#test/e2e/demo-test.ts";
import { barPart } from "#test/e2e/spend-page.ts";
import type { Page } from "@playwright/test";
import { formatPeriod } from "#lib/domain/format.ts";

const RULE = "End-to-end: the largest account without an owner";
const REALLOCATION_LIMIT_MS = 240_000;

test.beforeEach(({ signInAs }) => signInAs("finance"));

// Also where a step before failed: the demo is everybody's.
test.afterEach(async ({ page }) => {
  const rules = await readApi<{ ruleId: string; name: string }[]>(page, "rules");
  for (const { ruleId } of rules.filter(({ name }) => name === RULE))
    await page.request.delete(`/api/v1/rules/${ruleId}`);
});

test("a rule made from what has no owner moves exactly what its preview says, and moves it back when it is removed", async ({
  page,
  demo,
}) => {
  test.setTimeout(3 * REALLOCATION_LIMIT_MS);
  const before = await standing(page, demo.month);

  await page.goto(`/spend/unallocated?period=${demo.month}`);
  const accounts = page.getByRole("table", { name: "Accounts without an owner, USD" });
  const largest = accounts.locator("tbody").getByRole("row").first();
  const asShown = (await largest.locator("td span[title]").last().getAttribute("title")) ?? "";
  const amount = amountOf(asShown);
  await largest.getByRole("button", { name: /^Give this to…/ }).click();
  const dialog = page.getByRole("dialog", { name: /^Give .+ to…$/ });
  await dialog.getByLabel("Name of the rule").fill(RULE);
  await dialog.getByRole("combobox", { name: "Team" }).fill("Motor Cl");
  await page.getByRole("option", { name: /^Motor Claims/ }).click();
  const sentence = dialog
    .getByRole("listitem")
    .filter({ hasText: `of ${formatPeriod(demo.month)} from unallocated to Motor Claims.` });
  await expect(sentence).toHaveText(/^Moves .+\sUSD of /);
  const words = (await sentence.locator("strong").getAttribute("title")) ?? "";
  expect(words.startsWith(`${asShown} USD`), words).toBe(true);

  await dialog.getByRole("button", { name: "Save as a rule" }).click();
  await expect(page.getByRole("progressbar", { name: "Allocating the open periods again" })).toBeVisible();
  const done = page.getByText("Every open period is allocated by the new rules.");
  await expect(done).toBeVisible({ timeout: REALLOCATION_LIMIT_MS });
  const after = await standing(page, demo.month);
  expect(String(before.unallocated.minus(after.unallocated))).toBe(String(amount));
  expect(String(after.team.minus(before.team))).toBe(String(amount));

  await page.goto("/spend/rules");
  await page.getByRole("button", { name: `Edit ${RULE}` }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "Really remove this rule" }).click();
  await expect(done).toBeVisible({ timeout: REALLOCATION_LIMIT_MS });
  await expect(page.getByRole("button", { name: `Edit ${RULE}` })).toHaveCount(0);
  expect(texts(await standing(page, demo.month))).toEqual(texts(before));

  for (const [action, state] of [
    ["rule.saved", "After"],
    ["rule.removed", "Before"],
  ] as const) {
    await page.goto(`/activity?action=${action}`);
    const entry = page.getByRole("table", { name: "The log, newest first" }).locator("tbody").getByRole("row").first();
    await expect(entry).toContainText("jan.fennhoff");
    await entry.locator("summary").click();
    await expect(entry.getByLabel(state, { exact: true })).toContainText(RULE);
  }
});

async function standing(page: Page, month: string) {
  await page.goto(`/spend?period=${month}&view=table`);
  const unallocated = await barPart(page, "USD", "Unallocated");
  await page.goto(`/spend?period=${month}&view=table&kind=direct&team=motor-claims`);
  return { unallocated, team: await barPart(page, "USD", "Direct") };
}

function texts(amounts: Awaited<ReturnType<typeof standing>>): string[] {
  return Object.values(amounts).map(String);
}
