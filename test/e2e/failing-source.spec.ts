import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeFocusFile, type Charge } from "#test/e2e/focus-file.ts";
import { expect, signInLink, testWithInstance } from "#test/e2e/own-instance.ts";
import { barTotal } from "#test/e2e/spend-page.ts";

const PULL_LIMIT_MS = 60_000;
const OCTOBER = { from: "2026-10-01", to: "2026-11-01" };
const GOOD: Charge[] = [
  { day: "2026-10-01", cost: "40.25", service: "Virtual machines" },
  { day: "2026-10-02", cost: "1.75", service: "Object storage" },
];

const test = testWithInstance((folder) => {
  writeFocusFile(join(folder, "exports", "october.csv"), OCTOBER, GOOD);
  writeFileSync(
    join(folder, "bursar.yaml"),
    `organisation: Example
sources:
  costs: { kind: focus, title: Costs, layout: files, path: ./exports }
  elsewhere: { kind: focus, title: Elsewhere, layout: files, path: ./nowhere }
`,
  );
});

test("a delivery with a cost that is no number is refused by name, and the figures of the good one stay", async ({
  page,
  instance,
}) => {
  await page.goto(signInLink(instance));
  await page.getByRole("button", { name: "Sign in as the local administrator" }).click();
  await expect(page).toHaveURL(`${instance.url}/`);

  await page.goto(`${instance.url}/sources`);
  const costs = page.getByRole("region", { name: "Costs", exact: true });
  await expect(costs.getByRole("button", { name: /^Oct 2026: loaded/ })).toBeVisible({ timeout: PULL_LIMIT_MS });

  await test.step("a source whose folder is not there says which one, and what to do", async () => {
    const problem = page.getByRole("region", { name: "Elsewhere", exact: true }).getByRole("alert");
    await expect(problem).toContainText(join(instance.folder, "nowhere"), { timeout: PULL_LIMIT_MS });
    expect(await problem.locator("p").count()).toBeGreaterThan(1);
  });

  await test.step("the broken delivery is refused with file, column, row and value", async () => {
    writeFocusFile(join(instance.folder, "exports", "october.csv"), OCTOBER, [
      ...GOOD,
      { day: "2026-10-03", cost: "12,5x", service: "Virtual machines" },
    ]);
    await costs.getByRole("button", { name: "Pull now" }).click();
    await expect(costs.getByRole("button", { name: /^Oct 2026: stale/ })).toBeVisible({ timeout: PULL_LIMIT_MS });
    const problem = costs.getByRole("alert");
    for (const part of ["october.csv", "column BilledCost", "row 3", "value 12,5x", "are shown"])
      await expect(problem).toContainText(part);
    await expect(problem.locator("p")).toHaveCount(3);
  });

  await test.step("the page of spend keeps the older figures, and says that they are", async () => {
    await page.goto(`${instance.url}/spend?period=2026-10&by=service`);
    await expect(page.getByText(/Costs, Oct 2026: older figures are shown\./)).toBeVisible();
    expect(String(await barTotal(page, "USD"))).toBe("42");
  });

  await test.step("a delivery that is right again takes their place", async () => {
    writeFocusFile(join(instance.folder, "exports", "october.csv"), OCTOBER, [
      ...GOOD,
      { day: "2026-10-03", cost: "12.5", service: "Virtual machines" },
    ]);
    await page.goto(`${instance.url}/sources`);
    await costs.getByRole("button", { name: "Pull now" }).click();
    await expect(costs.getByRole("button", { name: /^Oct 2026: loaded/ })).toBeVisible({ timeout: PULL_LIMIT_MS });
    await page.goto(`${instance.url}/spend?period=2026-10&by=service`);
    expect(String(await barTotal(page, "USD"))).toBe("54.5");
  });
});
