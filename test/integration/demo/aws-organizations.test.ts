import {
  type Account,
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribeOrganizationalUnitCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListDelegatedAdministratorsCommand,
  ListDelegatedServicesForAccountCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type OrganizationsClient,
  paginateListAccounts,
  paginateListAccountsForParent,
} from "@aws-sdk/client-organizations";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import { ORGANIZATION_PLANTS } from "#demo/estate/aws-organization.ts";
import { type AwsFixture, failureOf, openAws } from "#test/integration/demo/aws-fixture.ts";

let aws: AwsFixture;
let organizations: OrganizationsClient;

beforeAll(async () => {
  aws = await openAws();
  organizations = aws.organizations();
});

afterEach(() => {
  aws.server.reset();
});

afterAll(() => aws.close());

const listAll = async (): Promise<{ accounts: Account[]; sizes: number[] }> => {
  const [accounts, sizes]: [Account[], number[]] = [[], []];
  for await (const { Accounts = [] } of paginateListAccounts({ client: organizations }, {})) {
    accounts.push(...Accounts);
    sizes.push(Accounts.length);
  }
  return { accounts, sizes };
};

test("its accounts come in pages of at most twenty, one of them empty with a token", async () => {
  const { accounts, sizes } = await listAll();
  expect(sizes).toEqual([20, 20, 0, 20, 20, 20, 20]);
  expect(new Set(accounts.map(({ Id }) => Id)).size).toBe(120);
  const byName = new Map(accounts.map((account) => [account.Name, account]));
  expect(byName.get(ACCOUNT_NAMES.closed)).toMatchObject({ State: "CLOSED", Status: "SUSPENDED" });
  expect(byName.get(ACCOUNT_NAMES.acquired)).toMatchObject({ State: "ACTIVE", JoinedMethod: "INVITED" });
  expect(byName.get(ACCOUNT_NAMES.opened)!.JoinedTimestamp!.toISOString().slice(0, 10)).toBe(
    aws.estate.calendar.accountOpens,
  );
  expect(byName.has(ORGANIZATION_PLANTS.left)).toBe(false);
  const billed = new Set(aws.estate.accounts.map(({ id }) => id));
  expect(accounts.filter(({ Id }) => !billed.has(Id!)).map(({ Name }) => Name)).toEqual([
    ORGANIZATION_PLANTS.withoutCost,
  ]);
  expect((await organizations.send(new DescribeAccountCommand({ AccountId: accounts[5]!.Id }))).Account).toEqual(
    accounts[5],
  );
});

test("its tree holds every account exactly once, and each account knows its parent", async () => {
  const { Roots } = await organizations.send(new ListRootsCommand({}));
  const found: string[] = [];
  const names: string[] = [];
  const visit = async (ParentId: string): Promise<void> => {
    for await (const { Accounts = [] } of paginateListAccountsForParent({ client: organizations }, { ParentId })) {
      found.push(...Accounts.map(({ Id }) => Id!));
      expect(Accounts.every(({ Paths }) => Paths![0]!.includes(`/${ParentId}/`))).toBe(true);
    }
    const units = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId }));
    const children = await organizations.send(new ListChildrenCommand({ ParentId, ChildType: "ORGANIZATIONAL_UNIT" }));
    expect(children.Children!.map(({ Id }) => Id)).toEqual(units.OrganizationalUnits!.map(({ Id }) => Id));
    for (const unit of units.OrganizationalUnits!) {
      names.push(unit.Name!);
      const described = await organizations.send(
        new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: unit.Id }),
      );
      expect(described.OrganizationalUnit).toEqual(unit);
      await visit(unit.Id!);
    }
  };
  await visit(Roots![0]!.Id!);
  expect(names).toEqual(["Workloads", "Prod", "NonProd", "Sandbox", "Security", "Infrastructure", "Suspended"]);
  const { accounts } = await listAll();
  expect(found).toHaveLength(accounts.length);
  expect(new Set(found)).toEqual(new Set(accounts.map(({ Id }) => Id)));
  const closed = accounts.find(({ Name }) => Name === ACCOUNT_NAMES.closed)!;
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: closed.Id }));
  const suspended = aws.estate.awsOrganization.units.find(({ name }) => name === "Suspended");
  expect(Parents).toEqual([{ Id: suspended?.id, Type: "ORGANIZATIONAL_UNIT" }]);
});

test("accounts of one team are tagged with it in several spellings, others are not", async () => {
  const tagsOf = async (name: string) => {
    const { id } = aws.estate.awsOrganization.accounts.find((account) => account.name === name)!;
    const { Tags } = await organizations.send(new ListTagsForResourceCommand({ ResourceId: id }));
    return Object.fromEntries(Tags!.map(({ Key, Value }) => [Key, Value]));
  };
  const { contradicting, stale } = ORGANIZATION_PLANTS;
  expect(Object.values(await tagsOf(contradicting.account))).toContain(contradicting.team);
  expect((await tagsOf(stale.account))["cost-center"]).toMatch(/^44/);
  expect(await tagsOf(ACCOUNT_NAMES.acquired)).toEqual({});
  expect(await tagsOf("claims-prod")).toEqual({});
  const keys = new Set(aws.estate.awsOrganization.accounts.flatMap(({ tags }) => Object.keys(tags)));
  expect(keys).toEqual(
    new Set(["team", "Team", "owner", "cost-center", "environment", "Environment", "env", "shared"]),
  );
  const units = aws.estate.awsOrganization.units;
  const { Tags } = await organizations.send(
    new ListTagsForResourceCommand({ ResourceId: units.find(({ name }) => name === "Security")?.id }),
  );
  expect(Tags).toEqual([{ Key: "team", Value: "security-operations" }]);
});

test("delegated administrators look after the security services", async () => {
  const { DelegatedAdministrators } = await organizations.send(
    new ListDelegatedAdministratorsCommand({ ServicePrincipal: "guardduty.amazonaws.com" }),
  );
  expect(DelegatedAdministrators!.map(({ Name }) => Name)).toEqual(["security-tooling"]);
  const { DelegatedServices } = await organizations.send(
    new ListDelegatedServicesForAccountCommand({ AccountId: DelegatedAdministrators![0]!.Id }),
  );
  expect(DelegatedServices).toHaveLength(3);
  expect((await organizations.send(new DescribeOrganizationCommand({}))).Organization).toMatchObject({
    MasterAccountId: aws.estate.awsOrganization.managementAccountId,
  });
});

test("what is not there, or not asked rightly, has its own error", async () => {
  const errors = await Promise.all([
    failureOf(organizations.send(new DescribeAccountCommand({ AccountId: "000000000000" }))),
    failureOf(organizations.send(new DescribeAccountCommand({ AccountId: "12" }))),
    failureOf(organizations.send(new ListAccountsCommand({ MaxResults: 21 }))),
    failureOf(organizations.send(new ListAccountsCommand({ NextToken: "made-up" }))),
    failureOf(organizations.send(new ListAccountsForParentCommand({ ParentId: "ou-abcd-12345678" }))),
    failureOf(organizations.send(new ListTagsForResourceCommand({ ResourceId: undefined }))),
  ]);
  expect(errors.map(({ name }) => name)).toEqual([
    "AccountNotFoundException",
    "InvalidInputException",
    "InvalidInputException",
    "InvalidInputException",
    "ParentNotFoundException",
    "ValidationException",
  ]);
});

test("a token that has expired in mid-list is refused, and an unexpected empty page loses nothing", async () => {
  aws.server.faults.expireToken(3, { operation: "ListAccounts" });
  expect(await failureOf(listAll())).toMatchObject({
    name: "InvalidInputException",
    message: "You provided an invalid or expired NextToken. Start again without one.",
  });
  aws.server.faults.emptyPage(1, { operation: "ListAccounts" });
  const { accounts, sizes } = await listAll();
  expect(sizes).toEqual([0, 20, 20, 0, 20, 20, 20, 20]);
  expect(accounts).toHaveLength(120);
});
