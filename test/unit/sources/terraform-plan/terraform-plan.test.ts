import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkTerraformPlans, planTerraformPlans, readTerraformPlans } from "#lib/sources/terraform-plan/index.ts";
import type { PlannedResource } from "#lib/sources/terraform-plan/normalize.ts";
import { terraformPlanSpec } from "#lib/sources/terraform-plan/spec.ts";

const NOW = new Date("2026-11-28T12:00:00Z");
const BUCKET = "arn:aws:s3:eu-central-1:111122223333:claims";
let folder: string;

type Changed = { address: string; actions?: string[]; before?: object | null; after?: object | null; mode?: string };
function changeOf({ address, actions = ["no-op"], before = { arn: BUCKET }, after = before, mode }: Changed) {
  return { address, mode: mode ?? "managed", type: address.split(".").at(-2), change: { actions, before, after } };
}

function plan(day: number | null, changes: Changed[], drift: Changed[] = [], more: object = {}): string {
  const timestamp = day === null ? {} : { timestamp: `2026-11-${String(day).padStart(2, "0")}T05:00:00Z` };
  const lists = { resource_changes: changes.map(changeOf), resource_drift: drift.map(changeOf) };
  return JSON.stringify({ format_version: "1.2", terraform_version: "1.11.0", ...timestamp, ...lists, ...more });
}

const same = { address: "aws_s3_bucket.same" };
const open = {
  address: "module.a.aws_security_group.open[0]",
  actions: ["update"],
  before: { ingress: [], password: "hidden", tags: {} },
  after: { ingress: [1], password: "changed", tags: {} },
};
const made = { address: "aws_sqs_queue.new", actions: ["create"], before: null, after: { name: "q" } };
const handmade = {
  address: "aws_s3_bucket.same",
  actions: ["update"],
  before: { arn: BUCKET, tags: {} },
  after: { arn: BUCKET, tags: { by: "hand" } },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bursar-plans-"));
  const put = async (name: string, content: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  await put("series/prod/2026-11-10.json", plan(10, [same, open]));
  await put("series/prod/2026-11-18.json", plan(18, [same, { ...open, actions: ["no-op"] }]));
  await put("series/prod/2026-11-20.json", plan(20, [same, open], [handmade]));
  await put("series/prod/2026-11-24.json", plan(24, [], [], { errored: true, resource_changes: undefined }));
  await put("series/prod/2026-11-28.json", plan(28, [same, open, made, { address: "data.aws_ami.x", mode: "data" }]));
  await put("broken-off/a.json", plan(27, [same, open]));
  await put("broken-off/b.json", plan(28, [same], [], { errored: true }));
  await put("old/a.json", plan(10, [same, open]));
  await put("refresh/only.json", plan(null, [], [handmade], { resource_changes: undefined }));
  await put(
    "azure/a.json",
    plan(28, [{ address: "azurerm_x.y", before: { id: "/subscriptions/s-1/resourceGroups/r" } }]),
  );
  await put("state/a.json", JSON.stringify({ format_version: "1.0", values: {} }));
  await put("later/a.json", plan(28, [same], [], { format_version: "2.0" }));
  await put("text/a.json", "not JSON");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const spec = () => terraformPlanSpec.parse({ kind: "terraform-plan", path: folder });

async function read(part: string): Promise<PlannedResource[]> {
  const slice = (await planTerraformPlans(spec())).find(({ period }) => period === part);
  if (!slice) throw new Error(`there is no ${part}`);
  return readTerraformPlans(spec(), slice, NOW);
}

const said = (found: readonly PlannedResource[]) =>
  found.map(({ workspace, change, isDrifted, driftedSince }) => [
    workspace,
    change.address,
    isDrifted,
    driftedSince?.toISOString().slice(0, 10) ?? null,
  ]);

test("the newest plan says whether, and the row of plans before it that agree says since when", async () => {
  expect(said(await read("series"))).toEqual([
    ["series/prod", "aws_s3_bucket.same", false, null],
    // It was put right on the 18th. The plan that ended with an error says nothing and breaks no row.
    ["series/prod", "module.a.aws_security_group.open[0]", true, "2026-11-20"],
    ["series/prod", "aws_sqs_queue.new", true, "2026-11-28"],
  ]);
});

test("what something else changed is drift, in a plan with changes and in one of a refresh alone", async () => {
  const [only] = await read("refresh");
  expect(only).toMatchObject({ workspace: "refresh", isDrifted: true, driftedSince: null });
  expect(only?.change).toMatchObject({ isChangedOutside: true, actions: [], attributes: ["tags"] });
});

test("a plan that ended with an error, and one that is too old, leave no pass behind", async () => {
  expect(said(await read("broken-off"))).toEqual([
    ["broken-off", "aws_s3_bucket.same", null, null],
    ["broken-off", "module.a.aws_security_group.open[0]", null, "2026-11-27"],
  ]);
  expect(said(await read("old")).map(([, , isDrifted]) => isDrifted)).toEqual([null, null]);
});

test("a resource is in the account that its ARN names, or the only one of its workspace; no value is kept", async () => {
  const found = await read("series");
  expect(found.map(({ change }) => [change.accountId, change.region])).toEqual([
    ["111122223333", "eu-central-1"],
    ["111122223333", null],
    ["111122223333", null],
  ]);
  expect(found[1]?.change.attributes).toEqual(["ingress", "password"]);
  expect(JSON.stringify(found)).not.toMatch(/hidden|changed"/);
  expect((await read("azure"))[0]?.change.accountId).toBe("s-1");
});

test.each([
  ["state", "lists no resources"],
  ["later", "has the format 2.0"],
  ["text", "is not JSON"],
])("what is no plan is refused by its file: %s", async (part, message) => {
  await expect(read(part)).rejects.toMatchObject({
    code: "bad_data",
    message: expect.stringContaining(message) as string,
    place: { file: `${part}/a.json` },
  });
  const checked = terraformPlanSpec.parse({ kind: "terraform-plan", path: join(folder, part) });
  expect(await checkTerraformPlans(checked, NOW)).toMatchObject([{ ok: false, error: { code: "bad_data" } }]);
});
