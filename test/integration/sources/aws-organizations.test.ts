import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import { ORGANIZATION_PLANTS } from "#demo/estate/aws-organization.ts";
import { openGate, type RequestGate } from "#lib/sources/aws/request-gate.ts";
import { ORGANIZATIONS_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import {
  checkOrganization,
  organizationsSpec,
  planOrganization,
  readOrganization,
} from "#lib/sources/aws-organizations/index.ts";
import { openAwsWorkshop, type AwsWorkshop } from "./aws-estate.ts";

const signal = new AbortController().signal;
let aws: AwsWorkshop;

beforeAll(async () => {
  aws = await openAwsWorkshop();
});
afterEach(() => aws.server.reset());
afterAll(() => aws.close());

function spec(settings: object = {}) {
  return organizationsSpec.parse({ kind: "aws-organizations", ...aws.connection, ...settings });
}

function read(gate: RequestGate = openGate) {
  return readOrganization(spec(), gate, { signal, onProgress: () => {} });
}

test("the organisation is read as it stands: units with their paths, accounts with state, unit, tags and dates", async () => {
  const { awsOrganization } = aws.estate;
  const organization = await read();
  expect(organization).toMatchObject({
    organizationId: awsOrganization.id,
    managementAccountId: awsOrganization.managementAccountId,
    unknown: [],
  });
  expect(organization.units.map(({ path }) => path).toSorted()).toEqual([
    "Root",
    "Root/Infrastructure",
    "Root/Sandbox",
    "Root/Security",
    "Root/Suspended",
    "Root/Workloads",
    "Root/Workloads/NonProd",
    "Root/Workloads/Prod",
  ]);
  expect(organization.units.find(({ name }) => name === "Security")?.tags).toEqual({ team: "security-operations" });
  const services = new Map(
    awsOrganization.delegatedAdministrators.map(({ accountId, services: of }) => [accountId, of]),
  );
  expect(organization.accounts).toEqual(
    awsOrganization.accounts.map((account) => ({
      provider: "AWS",
      accountId: account.id,
      name: account.name,
      mail: account.mail,
      state: account.state,
      joinedAt: new Date(Math.floor(account.joinedAt.getTime() / 1000) * 1000),
      joinedMethod: account.joinedMethod,
      unitId: account.parentId,
      tags: account.tags,
      isManagement: account.id === awsOrganization.managementAccountId,
      delegatedServices: services.get(account.id) ?? [],
    })),
  );
});

test("the state is that of State, not of the retired Status", async () => {
  const { accounts } = await read();
  expect(accounts.find(({ name }) => name === ACCOUNT_NAMES.closed)?.state).toBe("CLOSED");
});

test("an account without cost is in the inventory, one that has left is not", async () => {
  const names = (await read()).accounts.map(({ name }) => name);
  expect(names).toContain(ORGANIZATION_PLANTS.withoutCost);
  expect(names).not.toContain(ORGANIZATION_PLANTS.left);
});

test("empty pages with a token are not the end of a list", async () => {
  aws.server.faults.emptyPage(20, { service: "organizations" });
  const organization = await read();
  expect(organization.accounts).toHaveLength(aws.estate.awsOrganization.accounts.length);
  expect(organization.units).toHaveLength(aws.estate.awsOrganization.units.length + 1);
});

test("a list whose token expires is read again from its first page", async () => {
  aws.server.faults.expireToken(3, { service: "organizations", operation: "ListAccounts" });
  const organization = await read();
  expect(organization.accounts).toHaveLength(aws.estate.awsOrganization.accounts.length);
  expect(aws.server.calls.filter(({ errorCode }) => errorCode === "InvalidInputException")).toHaveLength(1);
});

test("with three of ten requests for accounts throttled the organisation is the same", async () => {
  const undisturbed = await read();
  aws.server.faults.throttleShare(0.3, { operation: "ListAccounts" });
  aws.server.faults.throttleShare(0.3, { operation: "ListAccountsForParent" });
  expect(await read()).toEqual(undisturbed);
  expect(aws.server.calls.some(({ errorCode }) => errorCode === "TooManyRequestsException")).toBe(true);
});

test("a connection that breaks off is tried again", async () => {
  aws.server.faults.cutAfter(100, 3, { service: "organizations" });
  expect((await read()).accounts).toHaveLength(aws.estate.awsOrganization.accounts.length);
});

test("tags that may not be read are unknown and not none, and are asked for no further", async () => {
  aws.server.faults.denyAction("organizations:ListTagsForResource");
  const organization = await read();
  expect(organization.unknown).toEqual([
    { what: expect.stringContaining("tags") as string, action: "organizations:ListTagsForResource" },
  ]);
  expect(new Set([...organization.accounts, ...organization.units].map(({ tags }) => tags))).toEqual(new Set([null]));
  // As many as may be under way at once.
  const asked = aws.server.calls.filter(({ operation }) => operation === "ListTagsForResource");
  expect(asked.length).toBeLessThanOrEqual(4);
});

test("delegated administrators that may not be read are unknown", async () => {
  aws.server.faults.denyAction("organizations:ListDelegatedAdministrators");
  const all = await read();
  expect(all.unknown.map(({ action }) => action)).toEqual(["organizations:ListDelegatedAdministrators"]);
  expect(new Set(all.accounts.map(({ delegatedServices }) => delegatedServices))).toEqual(new Set([null]));

  aws.server.faults.clear();
  aws.server.faults.denyAction("organizations:ListDelegatedServicesForAccount");
  const some = await read();
  expect(some.unknown.map(({ action }) => action)).toEqual(["organizations:ListDelegatedServicesForAccount"]);
  const unknownOnes = some.accounts.filter(({ delegatedServices }) => delegatedServices === null);
  expect(unknownOnes.map(({ accountId }) => accountId).toSorted()).toEqual(
    aws.estate.awsOrganization.delegatedAdministrators.map(({ accountId }) => accountId).toSorted(),
  );
});

test.each(ORGANIZATIONS_PERMISSIONS.filter(({ isOptional }) => !isOptional).map(({ action }) => action))(
  "without %s there is no inventory",
  async (action) => {
    aws.server.faults.denyAction(action);
    await expect(read()).rejects.toMatchObject({ code: "denied", message: expect.stringContaining(action) as string });
  },
);

test("every request passes the gate, at most four at once, and counts for the account that asks", async () => {
  let under = 0;
  let most = 0;
  const accounts = new Set<string>();
  const gate: RequestGate = {
    enter: async ({ api, account }) => {
      if (api === "organizations") accounts.add(account);
      under += 1;
      most = Math.max(most, under);
    },
    leave: async () => {
      under -= 1;
    },
  };
  await read(gate);
  expect(most).toBe(4);
  expect(under).toBe(0);
  expect(accounts).toEqual(new Set([aws.estate.awsOrganization.managementAccountId]));
});

test("an account that comes while the lists are read makes them no whole list", async () => {
  const { accounts } = aws.estate.awsOrganization;
  const first = accounts.find(({ id }) => id !== aws.estate.awsOrganization.managementAccountId);
  if (!first) throw new Error("The organisation has one account.");
  const gate: RequestGate = {
    ...openGate,
    enter: async ({ operation }) => {
      if (operation === "ListAccountsForParent" && accounts.at(-1)?.id !== "999900001111")
        accounts.push({ ...first, id: "999900001111" });
    },
  };
  try {
    await expect(read(gate)).rejects.toMatchObject({
      code: "bad_data",
      message: expect.stringContaining("999900001111 is in a unit and not in the list") as string,
    });
  } finally {
    accounts.pop();
  }
});

test("a member account, which may not read the organisation, is told so by a check", async () => {
  const member = aws.estate.awsOrganization.accounts.find(({ name }) => name === "data-platform-prod");
  const roleArn = `arn:aws:iam::${member?.id ?? ""}:role/bursar`;
  aws.server.roles.set({ arn: roleArn, policy: ["organizations:*"] });
  const results = await checkOrganization(spec({ roleArn }), { gate: openGate, signal });
  expect(results.find(({ what }) => what.includes("organizations:ListRoots"))?.error?.code).toBe("denied");
});

test("each hour may read the organisation anew", async () => {
  const at = async (instant: string) => (await planOrganization({ logicalTime: new Date(instant) }))[0]?.fingerprint;
  expect(await at("2026-11-21T05:00:00Z")).toBe(await at("2026-11-21T05:59:00Z"));
  expect(await at("2026-11-21T05:00:00Z")).not.toBe(await at("2026-11-21T06:00:00Z"));
});
