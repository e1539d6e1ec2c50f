import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import type { Page } from "@playwright/test";
import { createEstate } from "#demo/estate/estate.ts";
import { namespaceTruth } from "#demo/estate/namespaces.ts";
import type { NamespacePage, SprawlView, UnusedView } from "#lib/services/sprawl/sprawl-view.ts";
import type { Actor } from "#lib/access/actor.ts";
import { day } from "#lib/domain/period.ts";
import { exactAmount, sumOf } from "#test/e2e/amounts.ts";
import { expect, readApi, test, type Demo } from "#test/e2e/demo-test.ts";
import { expectAccessible } from "#test/e2e/expect-accessible.ts";

/** What was planted in the clusters; the size of the estate's bills does not matter to it. */
function planted({ truth }: Demo) {
  return namespaceTruth(createEstate({ seed: truth.seed, today: day(truth.today), months: truth.months }));
}

/** They stand beside those of Kubernetes. */
const CLUSTERS_OF_ECS = 2;
/** Listed among the namespaces. */
const SERVICES_OF_ECS = 6;

/** The namespaces that are there, as the API answers them. */
async function firstOf(page: Page, filters: string) {
  const { rows } = await readApi<NamespacePage>(page, `namespaces?${filters}`);
  const [row] = rows;
  if (row === undefined) throw new Error(`The demo has no namespace with ${filters}.`);
  return row;
}

test("every planted namespace and cluster is there, and the list pages and sorts in its URL", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("platform");
  await page.goto("/sprawl");
  const truth = planted(demo);
  const listed = truth.length + SERVICES_OF_ECS;
  const figures = page.getByRole("list", { name: "How many there are" });
  await expect(figures.getByRole("link", { name: /clusters$/ })).toContainText(
    String(new Set(truth.map(({ cluster }) => cluster)).size + CLUSTERS_OF_ECS),
  );
  const table = page.getByRole("region", { name: "Namespaces", exact: true });
  await table.getByRole("button", { name: "Namespace", exact: true }).click();
  await expect(page).toHaveURL(/sort=name/);
  const names = table.locator("tbody th > a");
  await expect(table.getByRole("columnheader", { name: "Namespace" })).toHaveAttribute("aria-sort", "ascending");
  // The page before stays in sight until the sorted one is there.
  await expect(table.locator("table")).toHaveAttribute("aria-busy", "false");
  const first = await names.allTextContents();
  // Of 600 only those in sight are on the page, and the table says of how many.
  expect(first.length).toBeGreaterThan(10);
  expect(first.length).toBeLessThan(100);
  await expect(table.locator("table")).toHaveAttribute("aria-rowcount", String(listed + 1));
  expect(first).toEqual(first.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  await page.getByRole("navigation", { name: "Pages of Namespaces" }).getByRole("button", { name: "Next" }).click();
  await expect(page).toHaveURL(/row=50/);
  const row = table.locator('tr[aria-rowindex="60"]');
  await expect(row.locator("th > a")).toBeInViewport();
  const there = await row.locator("th > a").textContent();
  await page.reload();
  await expect(row.locator("th > a")).toHaveText(there ?? "");
  // The list is below what the page begins with.
  await table.evaluate((region) => region.scrollIntoView());
  await expect(row.locator("th > a")).toBeInViewport();
  await table.focus();
  await page.keyboard.press("End");
  await expect(table.locator(`tr[aria-rowindex="${listed + 1}"] th > a`)).toBeInViewport();
});

test("a filter is chosen with its counts, stands in the URL, and leaves only what it names", async ({
  page,
  signInAs,
}) => {
  await signInAs("auditor");
  await page.goto("/sprawl");
  const line = page.getByRole("group", { name: "Which namespaces" });
  await line.getByRole("button", { name: /^Provider/ }).click();
  const dialog = page.getByRole("dialog", { name: "Filter on provider" });
  const eks = dialog.getByRole("checkbox", { name: /^EKS/ });
  await eks.check();
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/provider=eks/);
  const { page: list } = await readApi<SprawlView>(page, "sprawl?provider=eks");
  expect(list.rows.every(({ provider }) => provider === "eks")).toBe(true);
  await expect(page.getByRole("heading", { level: 2, name: /match these filters/ })).toContainText(String(list.total));
  await line.getByRole("link", { name: "Show all" }).click();
  await expect(page).not.toHaveURL(/provider=/);
});

test("an owner's claims are read when they are asked for, and a platform lead overrules and ends it", async ({
  page,
  signInAs,
}) => {
  await signInAs("platform");
  const row = await firstOf(page, "owner=none");
  await page.goto(`/sprawl?owner=none&find=${row.name}&cluster=${row.clusterKey}`);
  const table = page.getByRole("region", { name: "Namespaces", exact: true });
  await table.getByRole("checkbox", { name: `Choose ${row.name} in ${row.clusterKey}` }).check();
  await page.getByRole("button", { name: "Overrule owner…" }).click();
  const dialog = page.getByRole("dialog", { name: `Overrule the owner of ${row.name}` });
  await expect(dialog.getByRole("button", { name: "Overrule", exact: true })).toBeDisabled();
  await dialog.getByRole("combobox", { name: "Team" }).fill("Policy");
  await page.getByRole("option").first().click();
  await dialog.getByRole("textbox", { name: /^Reason/ }).fill("agreed with the team's lead");
  await dialog.getByRole("button", { name: "Overrule", exact: true }).click();
  await expect(dialog).toHaveCount(0);

  await page.goto(`/sprawl/namespaces/${row.clusterKey}/${row.name}`);
  const owner = page.getByRole("region", { name: "Whose it is and why" });
  await expect(owner).toContainText("agreed with the team's lead");
  await expect(owner).toContainText("The override");
  await owner.getByRole("button", { name: "End this decision" }).click();
  await expect(owner).toContainText(/ended \d{2}:\d{2} UTC/);
  // What the claims say counts again; the cost that came since may have given it an owner.
  await expect(owner).not.toContainText("The override");
});

test("whoever may not decide is offered nothing to decide", async ({ page, signInAs }) => {
  await signInAs("auditor");
  const row = await firstOf(page, "owner=none");
  await page.goto("/sprawl");
  await expect(
    page.getByRole("region", { name: "Namespaces", exact: true }).locator("tbody th > a").first(),
  ).toBeVisible();
  await expect(page.getByRole("checkbox", { name: /^Choose / })).toHaveCount(0);
  const refused = await page.request.post("/api/v1/overrules", {
    headers: { origin: new URL(page.url()).origin },
    data: { namespaces: [{ clusterKey: row.clusterKey, uid: row.uid }], teamKey: "crm", reason: "mine", until: null },
  });
  expect(refused.status()).toBe(403);
});

test("what is unused was planted so, and the list to hand out holds the same namespaces and the same sum", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("platform");
  await page.goto("/sprawl/unused");
  const view = await readApi<UnusedView>(page, "unused");
  const dormant = new Set(
    planted(demo)
      .filter((one) => one.dormant)
      .map(({ uid }) => uid),
  );
  expect(view.rows.filter(({ uid }) => !dormant.has(uid))).toEqual([]);
  expect(view.total).toBe(dormant.size);
  expect(view.rows.every(({ cost, signs }) => cost !== null && signs.length > 0)).toBe(true);

  const table = page.getByRole("region", { name: "Unused namespaces" });
  const [first] = view.rows;
  await table
    .getByRole("button", { name: `Why ${first?.name}` })
    .first()
    .click();
  await expect(table.getByRole("list", { name: "Signs" }).getByRole("listitem")).toHaveCount(first?.signs.length ?? 0);

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  const rows = parse(text.slice(text.indexOf("Cluster,")), {
    columns: true,
    relax_column_count: true,
    bom: true,
  }) as Record<string, string>[];
  expect(rows.filter((row) => row["Uid"] !== "" && dormant.has(row["Uid"] ?? ""))).toHaveLength(view.total);
});

test("a cluster's bill is its parts, to the last decimal, and each namespace leads down to its own", async ({
  page,
  signInAs,
}) => {
  await signInAs("finance");
  const row = await firstOf(page, "sort=-cost");
  expect(row.cost).not.toBeNull();
  await page.goto(`/sprawl/clusters/${row.clusterKey}`);
  const bill = page.getByRole("group", { name: /^Its bill, / });
  await expect(bill).toContainText("agrees with the provider to the last decimal");
  const amounts = await Promise.all(
    (await bill.locator("p span.whitespace-nowrap > span[title]").all()).map(exactAmount),
  );
  expect(String(sumOf(amounts))).toBe(String(await exactAmount(bill.locator("p span.font-semibold"))));
  await page
    .getByRole("region", { name: new RegExp(`^Namespaces of ${row.clusterKey} by cost`) })
    .getByRole("link", { name: row.name, exact: true })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    `Whose is ${row.name}, what does it cost, and is it used?`,
  );
  await expect(page.getByRole("region", { name: /^Cost effective/ })).toContainText("Split by");
});

test("a team's page holds its own namespaces, and a member sees no other team's", async ({ page, signInAs, demo }) => {
  await signInAs("member");
  const { actor } = await readApi<{ actor: Actor }>(page, "session");
  const { teamKey } = actor;
  await page.goto(`/teams/${teamKey}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("own, and what does it spend?");
  const { rows } = await readApi<NamespacePage>(page, "namespaces");
  expect(rows.every(({ owner }) => owner.team?.key === teamKey)).toBe(true);
  const other = planted(demo).find(({ ownerTeam }) => ownerTeam !== null && ownerTeam !== teamKey);
  await page.goto(`/teams/${other?.ownerTeam}`);
  await expect(page.getByText(`There is no team "${other?.ownerTeam}".`)).toBeVisible();
});

test("a team's budget is set, measured and ended by finance, and the list of teams leads to it", async ({
  page,
  signInAs,
}) => {
  await signInAs("finance");
  await page.goto("/teams");
  await page.getByRole("searchbox", { name: "Team, unit or cost centre" }).fill("treasury");
  await page.getByRole("button", { name: "Find" }).click();
  await expect(page).toHaveURL(/find=treasury/);
  await page.getByRole("region", { name: "Teams" }).getByRole("link", { name: "Treasury", exact: true }).click();
  const budget = page.getByRole("region", { name: /^Budget effective/ });
  const set = async (amount: string) => {
    await budget.getByRole("button", { name: /a budget…$|the budget…$/ }).click();
    const dialog = page.getByRole("dialog", { name: "The budget of Treasury" });
    await dialog.getByRole("textbox", { name: /^A month/ }).fill(amount);
    await dialog.getByRole("button", { name: /^(Set|End the budget)$/ }).click();
    await expect(dialog).toHaveCount(0);
  };
  await expect(budget).toContainText("No budget is set");
  await set("0.01");
  await expect(budget).toContainText("Over by");
  await set("");
  await expect(budget).toContainText("No budget is set");
});

const PAGES = {
  sprawl: "/sprawl?owner=none",
  "unused namespaces": "/sprawl/unused?asleep=yes",
  "a cluster": "/sprawl/clusters/CLUSTER",
  "a namespace": "/sprawl/namespaces/CLUSTER/NAME",
  "a team": "/teams/TEAM",
  teams: "/teams",
} as const;

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: no violation in light and dark, wide and narrow`, async ({ page, signInAs }) => {
    await signInAs("admin");
    const row = await firstOf(page, "owner=explicit");
    await page.goto(
      path
        .replace("CLUSTER", row.clusterKey)
        .replace("NAME", row.name)
        .replace("TEAM", row.owner.team?.key ?? ""),
    );
    await expectAccessible(page);
  });
}
