import { expect, test } from "vitest";
import { costExplorerSpec, monthlyCapOf } from "#lib/sources/aws-cost-explorer/index.ts";
import { organizationsSpec } from "#lib/sources/aws-organizations/index.ts";

const KIND = { kind: "aws-cost-explorer" };

test("a source needs no more than its kind", () => {
  expect(costExplorerSpec.parse(KIND)).toEqual({ ...KIND, net: "auto", months: 13 });
  expect(organizationsSpec.parse({ kind: "aws-organizations" }).ownerTags).toEqual(["owner", "team", "owner-team"]);
});

test.each([
  ["half a key", { accessKeyId: "AKIA" }],
  ["an external id without a role", { externalId: "abc" }],
  ["a role that is none", { roleArn: "arn:aws:iam::1:user/bursar" }],
  ["more months than Cost Explorer keeps", { months: 15 }],
  ["a dimension that is not offered", { refineBy: "service" }],
  ["a tag without a key", { refineBy: "tag:" }],
  ["a cap that is no amount", { monthlyCapUsd: "ten" }],
  ["a setting that is misspelt", { roleArm: "arn:aws:iam::111122223333:role/bursar" }],
])("%s is refused", (_, settings) => {
  expect(costExplorerSpec.safeParse({ ...KIND, ...settings }).success).toBe(false);
});

test.each([
  ["12.50", "12.5"],
  [20, "20"],
  [undefined, null],
])("a cap of %s is the amount %s", (monthlyCapUsd, amount) => {
  expect(monthlyCapOf(costExplorerSpec.parse({ ...KIND, monthlyCapUsd }))).toBe(amount);
});
