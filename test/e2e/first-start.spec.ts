import { join } from "node:path";
import { amountOf, sumOf } from "#test/e2e/amounts.ts";
import { writeFocusFile, type Charge } from "#test/e2e/focus-file.ts";
import { expect, signInLink, testWithInstance } from "#test/e2e/own-instance.ts";
import { barTotal, rowAmounts, spendIn } from "#test/e2e/spend-page.ts";

const test = testWithInstance();

const CHARGES: Charge[] = [
  { day: "2026-10-01", cost: "12.345678901", service: "Virtual machines" },
  { day: "2026-10-02", cost: "0.000000000123", service: "Object storage" },
  { day: "2026-10-03", cost: "-2.5", service: "Virtual machines", account: "lab" },
];

test("the first start leads from its printed link to the two ways on, and on to the spend of an imported file", async ({
  page,
  instance,
  browser,
}) => {
  await test.step("who is not signed in is told about the link", async () => {
    await page.goto(instance.url);
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page.getByText("Bursar printed a link for its local administrator")).toBeVisible();
  });

  await test.step("the link signs in, and the first page shows the two ways on", async () => {
    await page.goto(signInLink(instance));
    await page.getByRole("button", { name: "Sign in as the local administrator" }).click();
    await expect(page.getByRole("heading", { level: 1, name: /two ways on/ })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Connect a source" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "See the demo" })).toBeVisible();
  });

  await test.step("the link works once only", async () => {
    const second = await browser.newContext();
    const answer = await second.request.post(`${instance.url}/api/v1/session`, {
      data: { token: new URL(signInLink(instance)).searchParams.get("token") },
    });
    expect(answer.status()).toBe(401);
    expect((await second.cookies()).length).toBe(0);
    await second.close();
  });

  await test.step("a file that is imported while the pages are served adds up on /spend as the command says", async () => {
    const file = join(instance.folder, "october.csv");
    writeFocusFile(file, { from: "2026-10-01", to: "2026-11-01" }, CHARGES);
    const { code, stdout, stderr } = await instance.run(["import", file, "--json"]);
    expect(code, stderr).toBe(0);
    const { runs } = JSON.parse(stdout);
    expect(runs).toHaveLength(1);
    const { billed, lineItems } = runs[0].controlTotals.USD;
    expect(lineItems).toBe(CHARGES.length);
    expect(String(amountOf(billed))).toBe(String(sumOf(CHARGES.map(({ cost }) => cost))));

    await page.goto(`${instance.url}/spend?period=2026-10&by=service`);
    expect(String(await barTotal(page, "USD"))).toBe(String(amountOf(billed)));
    const { bar, rows } = spendIn(page, "USD");
    await expect(bar).toContainText("agrees with the provider to the last decimal");
    expect(String(sumOf(await rowAmounts(rows)))).toBe(String(amountOf(billed)));
    await page.goto(instance.url);
    await expect(page.getByRole("heading", { name: "Connect a source" })).toHaveCount(0);
  });
});
