import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { expect, signInLink, testWithInstance } from "#test/e2e/own-instance.ts";
import { barTotal, spendIn } from "#test/e2e/spend-page.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { demoRoleOf, startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { addMonths, day, periodOf } from "#lib/domain/period.ts";

const TODAY = day(new Date().toISOString().slice(0, 10));
const MONTHS = 4;
const CLOSED = addMonths(periodOf(TODAY), -2);
const LOAD_LIMIT_MS = 120_000;

let server: AwsServer | undefined;

/** Nothing but a role in AWS: no directory, no rule, no file. */
const test = testWithInstance(async (folder) => {
  const estate = createEstate({ seed: "aws-only", today: TODAY, months: MONTHS, scale: 0.05 });
  server = await startAws({ root: folder, estate });
  const { arn, externalId } = demoRoleOf(estate);
  const role = {
    roleArn: arn,
    externalId,
    endpoint: server.url,
    accessKeyId: DEMO_CREDENTIALS.accessKeyId,
    secretAccessKey: DEMO_CREDENTIALS.secretAccessKey,
  };
  const sources = {
    organisation: { kind: "aws-organizations", title: "Organisation", ...role },
    billing: { kind: "aws-cost-explorer", title: "Billing API", months: MONTHS, monthlyCapUsd: "5.00", ...role },
  };
  writeFileSync(join(folder, "bursar.yaml"), stringify({ organisation: "Only AWS", sources }));
});

test.afterAll(() => server?.close());

test("from an empty installation with only a role in AWS to spend per account and team", async ({ page, instance }) => {
  test.setTimeout(LOAD_LIMIT_MS + 120_000);
  await page.goto(signInLink(instance));
  await page.getByRole("button", { name: "Sign in as the local administrator" }).click();

  await test.step("the check says that every permission is there, and what it costs", async () => {
    const { code, stdout } = await instance.run(["check"]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("0.01 USD");
  });

  await test.step("both sources load by themselves", async () => {
    await expect
      .poll(
        async () => {
          const { stdout } = await instance.run(["runs", "--json"]);
          const { runs } = JSON.parse(stdout) as { runs: { state: string }[] };
          return runs.length > MONTHS && runs.every(({ state }) => state === "succeeded" || state === "unchanged");
        },
        { timeout: LOAD_LIMIT_MS, intervals: [2_000] },
      )
      .toBe(true);
  });

  await test.step("spend by account is Cost Explorer's own total", async () => {
    await page.goto(`${instance.url}/spend?period=${CLOSED}&by=subAccount`);
    const { bar, rows } = spendIn(page, "USD");
    await expect(bar).toContainText("agrees with the provider to the last decimal");
    // The table shows its first page; what it adds up to stands in the bar.
    expect(await rows.count()).toBeGreaterThan(20);
    expect(String(await barTotal(page, "USD"))).not.toBe("0");
  });

  await test.step("teams are those that the accounts' tags name, and add up to the same", async () => {
    const total = String(await barTotal(page, "USD"));
    await page.goto(`${instance.url}/spend?period=${CLOSED}&by=team`);
    const { bar, rows } = spendIn(page, "USD");
    await expect(bar).toContainText("agrees with the provider to the last decimal");
    expect(String(await barTotal(page, "USD"))).toBe(total);
    await expect(rows.filter({ hasText: "claims-intake" }).first()).toBeVisible();
  });

  await test.step("every account says whose it is and why", async () => {
    await page.goto(`${instance.url}/spend/accounts?period=${CLOSED}`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("whose it is");
    await expect(page.getByText("agrees with the provider to the last decimal").first()).toBeVisible();
  });

  await test.step("the page of sources says what asking has cost, against the cap", async () => {
    await page.goto(`${instance.url}/sources`);
    await expect(page.getByRole("meter", { name: "Monthly cap of Billing API" })).toBeVisible();
    await expect(page.getByText("of 5.00").first()).toBeVisible();
  });
});
