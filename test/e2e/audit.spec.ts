import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { SHORT_LIVED } from "#demo/estate/audit-events.ts";
import { unpackBundle } from "#demo/prove/bundle-tampering.ts";
import { expect, test } from "#test/e2e/demo-test.ts";
import { expectAccessible } from "#test/e2e/expect-accessible.ts";

test("an auditor finds in three moves who deleted a namespace, takes it away, and both verifiers prove it", async ({
  page,
  signInAs,
}) => {
  await signInAs("auditor");
  await page.goto("/");
  await page.getByRole("link", { name: "Audit", exact: true }).first().click();
  await page.getByRole("list", { name: "Ready questions" }).getByRole("link", { name: "Namespaces deleted" }).click();
  const row = page.getByRole("row").filter({ hasText: `namespaces/${SHORT_LIVED.name}` });
  await row.getByRole("link").first().click();
  const event = page.getByRole("region", { name: /^Event \d+$/ });
  await expect(event).toContainText(SHORT_LIVED.deleter);
  const entry = new URL(page.url()).searchParams.get("event");

  await event.getByRole("link", { name: `All that ${SHORT_LIVED.deleter} did` }).click();
  await expect(page).toHaveURL(/person=/);
  await page.getByRole("button", { name: "Export as a bundle" }).click();
  const download = page.getByRole("link", { name: /^Download/ });
  await expect(download).toBeVisible({ timeout: 60_000 });
  const [taken] = await Promise.all([page.waitForEvent("download"), download.click()]);
  const bundle = await taken.path();
  const { files } = unpackBundle(await readFile(bundle));
  const proofs = files.find(({ name }) => name === "proof/events.jsonl")?.data.toString("utf8") ?? "";
  const own = proofs
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { entry: number; record: string })
    .find((proof) => String(proof.entry) === entry);
  expect(JSON.parse(own?.record ?? "null")).toMatchObject({ verb: "delete", objectRef: { name: SHORT_LIVED.name } });

  const run = promisify(execFile);
  const script = `${bundle}.mjs`;
  await writeFile(script, files.find(({ name }) => name === "verify-bundle.mjs")?.data ?? "");
  for (const command of [["cli/bursar.js", "verify"], [script]])
    expect((await run(process.execPath, [...command, bundle])).stdout).toMatch(
      /each proven to be in the log of \d+ entries/,
    );
  const changed = await readFile(bundle);
  const at = changed.indexOf(SHORT_LIVED.deleter, changed.indexOf('"leafHash"'));
  changed[at] = 120;
  await writeFile(bundle, changed);
  await expect(run(process.execPath, [script, bundle])).rejects.toMatchObject({ code: 1 });
});

test("an auditor keeps a search, sees what is missing from the trail, and puts the search away", async ({
  page,
  signInAs,
}) => {
  await signInAs("auditor");
  await page.goto("/audit?action=delete+namespaces");
  await page.getByRole("button", { name: "Save this search" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Who deletes");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/saved=\d+/);
  const saved = page.getByRole("region", { name: "Saved searches" });
  await expect(saved.getByRole("link", { name: "Who deletes" })).toHaveAttribute("aria-current", "page");
  await expectAccessible(page);
  await saved.getByRole("button", { name: "Remove the search Who deletes" }).click();
  await expect(saved.getByRole("link", { name: "Who deletes" })).toHaveCount(0);

  await page.getByRole("link", { name: "What is missing from it?" }).click();
  await expect(page.getByRole("heading", { name: "What is missing from the trail?" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Audit logs of clusters" })).toBeVisible();
  await expectAccessible(page);
});

/** Nobody of the estate: what the log has of them is what this test does. */
const GUEST = "visiting.assessor@halvern.example";

test("what is on legal hold gets no pseudonym; once it is lifted, an administrator's order takes the name out of the log", async ({
  page,
  signInAs,
  quietConsole,
}) => {
  quietConsole.allow(/400 \(Bad Request\)/);
  await signInAs("auditor");
  await page.goto(`/audit?person=${GUEST}`);
  await page.getByRole("button", { name: "Save this search" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("The visitor");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/saved=\d+/);
  await page.goto("/audit/retention");
  await page.getByRole("button", { name: "Place a hold" }).click();
  await page.getByRole("textbox", { name: "Person, by mail" }).fill(GUEST);
  await page.getByRole("textbox", { name: "Why" }).fill("Enquiry about the visit");
  await page.getByLabel("Happened from").fill("2026-05-02");
  await page.getByLabel("Happened before").fill("2026-05-01");
  await page.getByRole("button", { name: "Hold it" }).click();
  await expect(page.getByText("This cannot be saved: the time ends before it begins.")).toBeVisible();
  await expect(page.getByLabel("Happened before")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Happened from").fill("");
  await page.getByLabel("Happened before").fill("");
  await page.getByRole("button", { name: "Hold it" }).click();
  const holds = page.getByRole("list", { name: "Legal holds" });
  const hold = holds.getByRole("listitem").filter({ hasText: "Enquiry about the visit" }).first();
  await expect(hold).toContainText(`Held: what ${GUEST} did · no event yet`);
  await expectAccessible(page);

  const look = async () => {
    await signInAs("admin");
    await page.goto("/audit/retention");
    await page.getByRole("textbox", { name: "Person, by mail" }).fill(GUEST);
    await page.getByRole("button", { name: "Where are they?" }).click();
    await expect(page.getByRole("row", { name: /^saved searches/ })).toBeVisible();
  };
  await look();
  await expect(page.getByText(`There is a legal hold on ${GUEST}`)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Make it / })).toHaveCount(0);
  await expectAccessible(page);

  await signInAs("auditor");
  await page.goto("/audit/retention");
  await hold.getByRole("button", { name: /^Lift hold/ }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("The enquiry is over");
  await page.getByRole("button", { name: "Lift it" }).click();
  await expect(hold).toContainText("The enquiry is over");

  await look();
  await page.getByRole("form", { name: "Order a pseudonym" }).getByRole("textbox").fill("Asked to be forgotten");
  await page.getByRole("button", { name: /^Make it / }).click();
  await expect(page.getByText(/events? ha(s|ve) the pseudonym \S+ now/)).toBeVisible();
  await expectAccessible(page);
  await signInAs("auditor");
  await page.goto("/audit?source=bursar&action=search.saved");
  await page.getByRole("row").filter({ hasText: "The visitor" }).getByRole("link").first().click();
  const event = page.getByRole("region", { name: /^Event \d+$/ });
  await expect(event.getByRole("heading", { name: "A pseudonym was put in its place" })).toBeVisible();
  await expect(event).not.toContainText(GUEST);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove the search The visitor" }).click();
  const saved = page.getByRole("region", { name: "Saved searches" });
  await expect(saved.getByRole("link", { name: "The visitor" })).toHaveCount(0);
});

test("the chain of a change leads to who approved it, to its deploy and to its cost", async ({ page, signInAs }) => {
  await signInAs("auditor");
  await page.goto(`/audit?action=delete+namespaces&q=${SHORT_LIVED.name}`);
  await page.getByRole("row").filter({ hasText: SHORT_LIVED.name }).getByRole("link").first().click();
  const chain = page.getByRole("region", { name: "The chain of the change" });
  await expect(chain).toContainText(`assigned to ${SHORT_LIVED.deleter}, who did it; it names ${SHORT_LIVED.name}`);
  await expect(chain).toContainText(`Deployed to the namespace ${SHORT_LIVED.name} of the cluster`);
  await expect(chain).toContainText("Not known: no cost of the namespace");
  await expectAccessible(page);
  await chain.getByRole("link", { name: /^CHG/ }).click();
  const event = page.getByRole("region", { name: /^Event \d+$/ });
  await expect(event.getByRole("heading", { name: "change_request scheduled" })).toBeVisible();
});
