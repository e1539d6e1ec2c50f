import type { Actor } from "#lib/access/actor.ts";
import type { FilterOption } from "#lib/services/spend/spend-view.ts";
import { expect, readApi, test } from "#test/e2e/demo-test.ts";
import { barPart, spendIn } from "#test/e2e/spend-page.ts";

test("a team member sees the own team's spend and no other, whatever the URL asks for", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("member");
  const { actor } = await readApi<{ actor: Actor }>(page, "session");
  const teams = await readApi<FilterOption[]>(page, `spend/options?dimension=team&period=${demo.month}`);
  const named = teams.filter(({ key }) => key !== "");
  expect(named.map(({ key }) => key)).toEqual([actor.teamKey]);
  const own = named[0]?.label;
  const [other, otherName] = own === "Motor Claims" ? ["policy-core", "Policy Core"] : ["motor-claims", "Motor Claims"];

  const searches = [
    "",
    `&team=${other}`,
    `&team=${other}&team=${actor.teamKey}`,
    "&businessUnit=claims",
    "&kind=unallocated",
  ];
  for (const search of searches) {
    await page.goto(`/spend?period=${demo.month}${search}`);
    await expect(page.getByRole("main")).toContainText(/Loaded|Nothing/);
    await expect(page.locator(".skeleton")).toHaveCount(0);
    for (const currency of ["USD", "EUR"]) {
      const names = await spendIn(page, currency).rows.evaluateAll((rows) =>
        rows.map((row) => row.querySelector("th a")?.textContent),
      );
      expect(
        names.filter((name) => name !== own),
        search,
      ).toEqual([]);
    }
    await expect(page.getByRole("main").getByText(otherName, { exact: true })).toHaveCount(0);
  }
  await page.goto(`/spend?period=${demo.month}`);
  await expect(spendIn(page, "USD").rows).toHaveCount(1);
  expect(String(await barPart(page, "USD", "Unallocated"))).toBe("0");
});

test("a team member's rail has no rules, no sources and no log, and opening them is refused in words", async ({
  page,
  signInAs,
  demo,
}) => {
  await signInAs("member");
  await page.goto("/");
  const rail = page.getByRole("navigation", { name: "Sections" });
  await expect(rail.getByRole("link")).toHaveText([
    "Bursar",
    "Overview",
    "Spend",
    "Accounts",
    "Sprawl",
    "Compliance",
    "Reports",
  ]);
  for (const path of ["/sources", "/spend/rules", "/spend/unallocated", "/activity"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const refusal = page.getByRole("main").getByRole("alert");
    await expect(refusal, path).toBeVisible();
    await expect(refusal).toContainText(/cannot|may not|not allowed/);
  }
  for (const path of ["sources", "rules", "activity", `spend/unallocated?period=${demo.month}`]) {
    const answer = await page.request.get(`/api/v1/${path}`);
    expect(answer.status(), path).toBe(403);
  }
});

test("who is not signed in is sent to the sign-in page and back, and the API answers 401 in JSON", async ({
  page,
  demo,
}) => {
  for (const path of ["/", `/spend?period=${demo.month}`, "/sources", "/activity"]) {
    await page.goto(path);
    const url = new URL(page.url());
    expect([url.pathname, url.searchParams.get("next")]).toEqual(["/sign-in", path]);
  }
  for (const path of [`spend?period=${demo.month}`, "sources", "rules", "overview", "spend/export?format=csv"]) {
    const answer = await page.request.get(`/api/v1/${path}`, { maxRedirects: 0 });
    expect(answer.status(), path).toBe(401);
    expect((await answer.json()).error.code).toBe("unauthenticated");
  }
  await page.goto(`/spend?period=${demo.month}&by=service`);
  await page.getByRole("button", { name: /Jan Fennhoff/ }).click();
  await expect(page).toHaveURL(`${demo.url}/spend?period=${demo.month}&by=service`);
});

test("signing out ends the session on the server", async ({ page, signInAs }) => {
  await signInAs("auditor");
  await page.goto("/");
  const cookies = await page.context().cookies();
  await page.getByRole("button", { name: "Ada Nordahl" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.context().addCookies(cookies);
  expect((await page.request.get("/api/v1/overview")).status()).toBe(401);
});

test("a write that another site's page sends is refused, and nothing is written", async ({ page, signInAs, demo }) => {
  await signInAs("finance");
  const rule = {
    ruleId: null,
    position: null,
    name: "Foreign",
    match: { provider: ["AWS"] },
    target: { kind: "team", team: "motor-claims" },
    validFrom: null,
    validTo: null,
  };
  const foreign: Record<string, string>[] = [
    { origin: "https://elsewhere.example" },
    { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of foreign) {
    const answer = await page.request.post("/api/v1/rules", { data: rule, headers });
    expect(answer.status()).toBe(403);
    expect((await answer.json()).error.code).toBe("forbidden");
  }
  const rules = await readApi<{ name: string }[]>(page, "rules");
  expect(rules.filter(({ name }) => name === "Foreign")).toEqual([]);
  expect(
    (
      await page.request.post("/api/v1/session", {
        data: { mail: "x@example.com" },
        headers: { origin: demo.url.replace("127.0.0.1", "evil.example") },
      })
    ).status(),
  ).toBe(403);
});
