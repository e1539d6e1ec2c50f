import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_CREDENTIALS, startS3, type S3Server } from "#demo/aws/s3.ts";
import { makeLockedBucket } from "#demo/aws/s3-versions.ts";
import { startTimeStampAuthority, type DemoAuthority } from "#demo/timestamps/authority.ts";
import { expectAccessible } from "#test/e2e/expect-accessible.ts";
import { expect, signInLink, testWithInstance } from "#test/e2e/own-instance.ts";

const BUCKET = "example-trail-heads";
const PLACE = `s3://${BUCKET}/bursar`;
const AUTHORITY_FILE = "authority.pem";

let s3: S3Server;
let authority: DemoAuthority;

const test = testWithInstance(async (folder) => {
  const root = join(folder, "s3");
  makeLockedBucket(root, BUCKET);
  s3 = await startS3({ root });
  authority = await startTimeStampAuthority();
  const place = { bucket: BUCKET, prefix: "bursar", region: "eu-central-1", endpoint: s3.url };
  const bucket = { ...place, ...DEMO_CREDENTIALS, lock: { mode: "COMPLIANCE", days: 400 } };
  const settings = { timestamps: { url: authority.url }, audit: { heads: { timestamps: true, s3: bucket } } };
  writeFileSync(join(folder, "bursar.yaml"), JSON.stringify({ organisation: "Example", ...settings }));
  writeFileSync(join(folder, AUTHORITY_FILE), authority.certificatePem);
});
test.afterAll(async () => {
  await s3.close();
  await authority.close();
});

test("heads are published on demand, kept in a locked bucket and checked from there; while it is away the page says so", async ({
  page,
  instance,
}) => {
  await page.goto(signInLink(instance));
  await page.getByRole("button", { name: "Sign in as the local administrator" }).click();
  await expect(page).toHaveURL(`${instance.url}/`);
  await page.goto(`${instance.url}/audit`);
  await page.getByRole("link", { name: "What was published of it?" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    "What was published of the trail, and where is it kept?",
  );
  const bucket = page.getByRole("list", { name: "Places" }).getByRole("listitem").filter({ hasText: PLACE });
  const stamps = page.getByRole("list", { name: "Places" }).getByRole("listitem").filter({ hasText: authority.url });
  const publish = page.getByRole("button", { name: "Publish now" });

  await test.step("a head is published now, and is everywhere", async () => {
    await publish.click();
    await expect(bucket).toContainText(/Up to \d+ entries, published .* and written /);
    await expect(bucket).toContainText("Object Lock in the mode COMPLIANCE, 400 days");
    await expect(stamps).toContainText(/The first \d+ entries were there at /);
    await expect(page.getByRole("row").filter({ hasText: "written" }).first()).toBeVisible();
    await expectAccessible(page);
  });

  await test.step("an auditor checks the whole log against the bucket", async () => {
    const authorityFile = join(instance.folder, AUTHORITY_FILE);
    // The bucket itself, and what anybody may have downloaded from it.
    const indexed = await instance.run(["index-trail"]);
    expect(indexed.stdout).toMatch(/ok +What searches and pages have of \d+ entries was made anew from the log\.\n/);
    expect(indexed.code).toBe(0);
    for (const heads of ["s3", join(instance.folder, "s3", BUCKET, "bursar")]) {
      const checked = await instance.run(["verify-trail", "--heads", heads, "--tsa", authorityFile]);
      expect(checked.stdout).toMatch(/ok +\d+ time stamps hold; .* says Demo Time Stamps\.\n/);
      expect(checked.stdout).toContain("The trail is what was logged.");
      expect(checked.code).toBe(0);
    }
    const configuration = await instance.run(["check"]);
    expect(configuration.stdout).toContain(`ok      heads: Lock an object in ${BUCKET}`);
  });

  await test.step("while the bucket is away, a head waits and the page says since when", async () => {
    const { port } = s3;
    await s3.close();
    // What was done in Bursar meanwhile is new.
    await page.goto(`${instance.url}/audit/retention`);
    await page.getByRole("button", { name: "Place a hold" }).click();
    await page.getByRole("textbox", { name: "Namespace" }).fill("claims");
    await page.getByRole("textbox", { name: "Why" }).fill("Only to have something new");
    await page.getByRole("button", { name: "Hold it" }).click();
    await page.goto(`${instance.url}/audit/heads`);
    await publish.click();
    await expect(bucket).toContainText(/1 head waits, the oldest since /);
    await expect(bucket).toContainText(/Since .*AWS did not answer s3:PutObject/);
    await expectAccessible(page);
    const failed = await instance.run(["publish-head"]);
    expect(failed.stdout).toContain(`FAILED  ${PLACE}: AWS did not answer`);
    expect(failed.code).toBe(3);
    s3 = await startS3({ root: join(instance.folder, "s3"), port });
    await publish.click();
    await expect(bucket).not.toContainText(/waits?,/);
    await expect(bucket.getByRole("img", { name: "Up to date" })).toBeVisible();
  });
});
