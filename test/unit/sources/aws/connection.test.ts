import { expect, test } from "vitest";
import { accountOfRole, homeRegion } from "#lib/sources/aws/connection.ts";

test.each([
  [undefined, null, "us-east-1"],
  [undefined, "eu-central-1", "us-east-1"],
  [undefined, "cn-north-1", "cn-northwest-1"],
  ["arn:aws:iam::111122223333:role/bursar", "cn-north-1", "us-east-1"],
  ["arn:aws-cn:iam::111122223333:role/bursar", "eu-central-1", "cn-northwest-1"],
  ["arn:aws-us-gov:iam::111122223333:role/bursar", null, "us-gov-west-1"],
])("with the role %s and the region %s, global APIs are asked in %s", (roleArn, found, home) => {
  expect(homeRegion(roleArn === undefined ? {} : { roleArn }, found)).toBe(home);
});

test("a role tells whose account it reads", () => {
  expect(accountOfRole({ roleArn: "arn:aws:iam::111122223333:role/tools/bursar" })).toBe("111122223333");
  expect(accountOfRole({})).toBeNull();
});
