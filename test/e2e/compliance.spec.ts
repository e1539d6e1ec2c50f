import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import type { Page } from "@playwright/test";
import { unpackBundle } from "#demo/prove/bundle-tampering.ts";
import type { PostureView } from "#lib/services/posture/posture-view.ts";
import type { WaiversView } from "#lib/services/waivers/waiver-view.ts";
import { expect, readApi, test } from "#test/e2e/demo-test.ts";
import { expectAccessible } from "#test/e2e/expect-accessible.ts";

const FRAMEWORK = "cis-aws-1.4";

/** A cell of the map that has failures, of the controls that are shown. */
function failingCells(page: Page) {
  return page.getByRole("table", { name: /Failing resources of each control/ }).locator("td a[class^='heat-fail']");
}

test("an auditor picks framework, period and teams, and the map, the period and the sample agree with the address", async ({
  page,
  signInAs,
}) => {
  await signInAs("auditor");
  await page.goto("/compliance");
  await page.getByRole("button", { name: /^Framework/ }).click();
  await page.getByRole("option", { name: /CIS AWS/ }).click();
  await expect(page).toHaveURL(new RegExp(`framework=${FRAMEWORK}`));
  await expect(page.getByRole("heading", { level: 2, name: /Controls of CIS AWS/ })).toBeVisible();

  const view = await readApi<PostureView>(page, `posture?framework=${FRAMEWORK}`);
  const shown = Object.values(view.total).reduce((sum, count) => sum + count, 0);
  expect(shown).toBeGreaterThan(0);
  const totals = page.getByRole("region", { name: "Totals" });
  for (const word of ["Failed", "Failed, waived", "Unknown", "Not evaluated", "Passed", "Does not apply"])
    await expect(totals.getByText(word, { exact: true })).toBeVisible();

  // AWS Config's past is there a quarter ago as well; whoever refuses to be read passes nothing.
  const quarterAgo = new Date(Date.now() - 91 * 86_400_000).toISOString();
  const then = await readApi<PostureView>(page, `posture?framework=${FRAMEWORK}&asOf=${quarterAgo}`);
  expect(then.total.fail).toBeGreaterThan(50);
  const byAccount = await readApi<PostureView>(page, `posture?framework=${FRAMEWORK}&by=account`);
  const unseen = byAccount.columns.filter(({ key, total }) => key !== "" && total.unknown > 10 && total.fail === 0);
  expect(unseen.map(({ total }) => total.pass)).toEqual([0]);

  const worst = view.columns.toSorted((a, b) => b.total.fail - a.total.fail)[0];
  expect(worst?.total.fail).toBeGreaterThan(0);
  await page.getByRole("group", { name: "Whose resources" }).getByRole("button", { name: /^Team/ }).click();
  const teams = page.getByRole("dialog", { name: "Narrow by team" });
  await teams.getByRole("searchbox", { name: "Find team" }).fill(worst?.label ?? "");
  await teams.getByRole("checkbox", { name: worst?.label ?? "", exact: true }).check();
  await teams.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(new RegExp(`team=${worst?.key}`));
  await expect(page.getByRole("columnheader").filter({ hasText: worst?.label ?? "" })).toHaveCount(1);

  // What the map counts is what the export has: a head and a row each.
  const shownTotal = Object.values(worst?.total ?? {}).reduce((sum, count) => sum + count, 0);
  const href = await page.getByRole("link", { name: "Export CSV" }).getAttribute("href");
  const exported = await (await page.request.get(href ?? "")).text();
  expect(parse(exported, { bom: true }).length - 1).toBe(shownTotal);

  await page.getByRole("link", { name: "Over a period" }).click();
  await expect(page).toHaveURL(/period=\d{4}-Q\d/);
  await expect(page.getByRole("columnheader", { name: "Compliant all the time?" }).first()).toBeVisible();

  // The demo has looks of this quarter; of a quarter without any there is nothing to draw from.
  const now = new Date();
  await page.getByRole("group", { name: "Over which period" }).getByRole("link").first().click();
  await expect(page).toHaveURL(new RegExp(`period=${now.getUTCFullYear()}-Q${Math.floor(now.getUTCMonth() / 3) + 1}`));

  await page.getByRole("link", { name: "Draw a sample" }).click();
  await expect(page).toHaveURL(/seed=[0-9a-f]{12}/);
  const form = page.getByRole("form", { name: "Draw a sample" });
  await form.getByLabel("Size").fill("25");
  await form.getByLabel("Seed").fill("audit-2026");
  await form.getByRole("button", { name: "Draw", exact: true }).click();
  await expect(page).toHaveURL(/seed=audit-2026/);
  const title = page.getByRole("heading", { level: 1, name: "What do 25 checks drawn at random show?" });
  await expect(title).toBeVisible();
  await expect(page.getByText("audit-2026", { exact: true })).toBeVisible();
  const rows = page.getByRole("table", { name: "The sample" }).getByRole("row");
  const drawn = await rows.allInnerTexts();
  expect(drawn.length).toBeGreaterThan(25);
  await page.reload();
  await expect(title).toBeVisible();
  expect(await rows.allInnerTexts()).toEqual(drawn);

  // What is taken away is what is shown, row by row, with what somebody else draws it again by.
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the sample" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`^${FRAMEWORK}-sample-25-seed-audit-2026-as-of-.*\\.csv$`));
  const taken: Record<string, string>[] = parse(await readFile(await download.path()), { bom: true, columns: true });
  const shownRows = await Promise.all((await rows.all()).slice(1).map((row) => row.getByRole("link").allInnerTexts()));
  expect(taken.map((row) => [row["Resource's name"], row["Rule's title"]])).toEqual(
    shownRows.map(([resource, rule]) => [resource, rule]),
  );
  // A stretch that a gap or an accepted risk cuts is several rows.
  expect(new Set(taken.map(({ Evaluation }) => Evaluation)).size).toBe(25);
  for (const row of taken) expect(row).toMatchObject({ Owner: worst?.key, Seed: "audit-2026", Size: "25" });
});

test("an auditor takes a bundle of one team's month away, and it is verified without Bursar", async ({
  page,
  demo,
  signInAs,
}) => {
  await signInAs("auditor");
  const view = await readApi<PostureView>(page, `posture?framework=${FRAMEWORK}`);
  const team = view.columns.toSorted((a, b) => b.total.fail - a.total.fail)[0]?.key ?? "";
  const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const [from, to] = [dayFromNow(-30), dayFromNow(1)];
  await page.goto(`/reports?kind=compliance&framework=${FRAMEWORK}&team=${team}&from=${from}&to=${to}`);
  await page.getByRole("button", { name: "Make report" }).click();
  const made = page.getByRole("table", { name: "Reports, newest first" }).getByRole("row").nth(1);
  await expect(made).toContainText(`${FRAMEWORK} · ${from} to `);
  await expect(made.getByText("Ready", { exact: true })).toBeVisible({ timeout: 60_000 });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    made.getByRole("link", { name: /^Download/ }).click(),
  ]);
  const bundle = await download.path();
  const { files } = unpackBundle(await readFile(bundle));
  const rows =
    files
      .find(({ name }) => name === "data/evaluations.csv")
      ?.data.toString("utf8")
      .split("\n") ?? [];
  expect(rows.length).toBeGreaterThan(2);

  // Once by the command, once by the script that lies in the bundle, which needs nothing of ours.
  const run = promisify(execFile);
  const script = `${bundle}.mjs`;
  await writeFile(script, files.find(({ name }) => name === "verify-bundle.mjs")?.data ?? "");
  const authority = join(demo.home, "time-stamps.pem");
  const { stdout } = await run(process.execPath, ["cli/bursar.js", "verify", "--tsa", authority, bundle]);
  expect(stdout).toContain("says Demo Time Stamps.");
  await run(process.execPath, [script, bundle]);
  const changed = await readFile(bundle);
  changed[changed.indexOf("ResourceKey") + 200] = 35;
  await writeFile(bundle, changed);
  await expect(run(process.execPath, [script, bundle])).rejects.toMatchObject({ code: 1 });
});

test("an auditor goes from a cell to the rule, the resource over time, and the source's own answer", async ({
  page,
  signInAs,
}) => {
  await signInAs("auditor");
  await page.goto(`/compliance?framework=${FRAMEWORK}&open=all`);
  await failingCells(page).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/^Is .* met/);
  await page
    .getByRole("table", { name: /What fails or is unknown/ })
    .first()
    .getByRole("link")
    .first()
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/^What fails on/);
  await expect(page.getByRole("img", { name: /stretches/ }).first()).toBeVisible();
  const first = page.getByText(/stretch(es)? of time/).first();
  await first.click();
  await page
    .getByRole("link", { name: /^Evidence [0-9a-f]{8}$/ })
    .first()
    .click();
  await expect(page.getByRole("region", { name: "Evidence as JSON" })).toContainText("{");
  await expect(page.getByText("SHA-256 of its canonical JSON")).toBeVisible();
});

test("an auditor sees the waivers and is refused to change anything", async ({ page, signInAs }) => {
  await signInAs("auditor");
  const { counts, waivers } = await readApi<WaiversView>(page, "waivers");
  expect({ expired: counts.expired, ending: counts.ending, waiting: counts.waiting }).toEqual({
    expired: 1,
    ending: 1,
    waiting: 1,
  });
  await page.goto("/compliance/waivers");
  await expect(page.getByRole("table", { name: "Waivers" }).getByRole("row")).toHaveCount(waivers.length + 1);
  for (const name of [/^Decide/, /^End/, /^Take back/, /Ask for a waiver/, /Add evidence/])
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  const ruleKey = waivers[0]?.rule.key ?? "";
  await page.goto(`/compliance/rule?rule=${encodeURIComponent(ruleKey)}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Where does it hold");
  await expect(page.getByRole("button", { name: "Ask for a waiver" })).toHaveCount(0);

  const endsAt = new Date(Date.now() + 86_400_000).toISOString();
  const asked = { ruleKey, scope: { kind: "all", key: "" }, reason: "Not for auditors", endsAt };
  const waiting = waivers.find(({ state }) => state === "waiting")?.id;
  const attempts = [
    page.request.post("/api/v1/waivers", { data: asked }),
    page.request.post(`/api/v1/waivers/${waiting}/decision`, { data: { decision: "approved" } }),
    page.request.delete(`/api/v1/waivers/${waiting}`),
    page.request.post("/api/v1/manual-evidence", {
      multipart: {
        frameworkId: FRAMEWORK,
        controlId: "1.1",
        note: "Not for auditors",
        file: { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") },
      },
    }),
    page.request.delete("/api/v1/manual-evidence/1"),
  ];
  for (const answer of await Promise.all(attempts)) expect(answer.status()).toBe(403);
  expect((await readApi<WaiversView>(page, "waivers")).counts).toEqual(counts);
});

test("the map is walked with the arrow keys", async ({ page, signInAs }) => {
  await signInAs("auditor");
  await page.goto(`/compliance?framework=${FRAMEWORK}&open=all`);
  const cell = failingCells(page).first();
  await cell.focus();
  await expect(async () => {
    await cell.focus();
    await page.keyboard.press("ArrowLeft");
    await expect(cell).not.toBeFocused({ timeout: 1_000 });
  }).toPass();
  expect(await page.evaluate(() => document.activeElement?.closest("td, th")?.tagName)).toMatch(/T[DH]/);
});

test("a file that is brought for a control can be saved again byte for byte, and taken back", async ({
  page,
  signInAs,
}) => {
  await signInAs("platform");
  await page.goto(`/compliance/control?framework=${FRAMEWORK}&control=1.1`);
  await expect(page.getByText("Nothing shown yet")).toBeVisible();
  await page.getByRole("button", { name: "Add evidence" }).click();
  const dialog = page.getByRole("dialog", { name: "Evidence for 1.1" });
  const content = Buffer.from("Contacts were confirmed.\n");
  await dialog.getByLabel("File").setInputFiles({ name: "contacts.txt", mimeType: "text/plain", buffer: content });
  await dialog.getByLabel("What it shows").fill("Contacts of every account");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const link = page.getByRole("link", { name: "contacts.txt" });
  await expect(link).toBeVisible();
  const answer = await page.request.get((await link.getAttribute("href")) ?? "");
  expect(await answer.body()).toEqual(content);
  expect(answer.headers()).toMatchObject({ "x-content-type-options": "nosniff" });
  expect(answer.headers()["content-disposition"]).toMatch(/^attachment/);
  await page.getByRole("button", { name: "Take contacts.txt back" }).click();
  await expect(page.getByText(/Nothing shown yet/)).toBeVisible();
});

for (const [name, path] of [
  ["the map", `/compliance?framework=${FRAMEWORK}`],
  ["a period", `/compliance?framework=${FRAMEWORK}&period=2026-Q3`],
  ["waivers", "/compliance/waivers"],
  ["a team's failures", "/compliance/team/motor-claims"],
] as const) {
  test(`${name}: no violation in light and dark, wide and narrow`, async ({ page, signInAs }) => {
    await signInAs("finance");
    await page.goto(path);
    await expectAccessible(page);
  });
}
