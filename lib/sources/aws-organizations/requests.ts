import {
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListDelegatedAdministratorsCommand,
  ListDelegatedServicesForAccountCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type Account,
  type OrganizationalUnit,
  type Root,
} from "@aws-sdk/client-organizations";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { listPages, permissionOf } from "#lib/sources/aws-organizations/list-pages.ts";

/** The requests that this source makes: one for each permission that it needs, all pages of it. */
export type OrganizationRequests = {
  describeOrganization(): Promise<{ organizationId: string; managementAccountId: string }>;
  listRoots(): Promise<Root[]>;
  listUnits(parentId: string): Promise<OrganizationalUnit[]>;
  listAccounts(): Promise<Account[]>;
  listAccountIds(parentId: string): Promise<string[]>;
  listTags(resourceId: string): Promise<Record<string, string>>;
  listDelegatedAdministrators(): Promise<string[]>;
  listDelegatedServices(accountId: string): Promise<string[]>;
};

export function organizationRequests(clients: AwsClients): OrganizationRequests {
  const client = clients.organizations;
  return {
    describeOrganization: async () => {
      const { Organization } = await clients.attempt(permissionOf("organizations:DescribeOrganization"), (options) =>
        client.send(new DescribeOrganizationCommand({}), options),
      );
      if (Organization?.Id === undefined || Organization.MasterAccountId === undefined)
        throw new AppError("bad_data", "AWS described an organisation without its id or its management account.");
      return { organizationId: Organization.Id, managementAccountId: Organization.MasterAccountId };
    },
    listRoots: () =>
      listPages(clients, "organizations:ListRoots", async (token, options) => {
        const page = await client.send(new ListRootsCommand(token), options);
        return { items: page.Roots, nextToken: page.NextToken };
      }),
    listUnits: (ParentId) =>
      listPages(clients, "organizations:ListOrganizationalUnitsForParent", async (token, options) => {
        const page = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId, ...token }), options);
        return { items: page.OrganizationalUnits, nextToken: page.NextToken };
      }),
    listAccounts: () =>
      listPages(clients, "organizations:ListAccounts", async (token, options) => {
        const page = await client.send(new ListAccountsCommand(token), options);
        return { items: page.Accounts, nextToken: page.NextToken };
      }),
    listAccountIds: (ParentId) =>
      listPages(clients, "organizations:ListAccountsForParent", async (token, options) => {
        const page = await client.send(new ListAccountsForParentCommand({ ParentId, ...token }), options);
        return { items: page.Accounts?.map(({ Id }) => idOf(Id)), nextToken: page.NextToken };
      }),
    listTags: async (ResourceId) => {
      const tags = await listPages(clients, "organizations:ListTagsForResource", async (token, options) => {
        const page = await client.send(new ListTagsForResourceCommand({ ResourceId, ...token }), options);
        return { items: page.Tags, nextToken: page.NextToken };
      });
      // Object.fromEntries defines own properties, so that a tag called "__proto__" is a tag like any other.
      return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    },
    listDelegatedAdministrators: () =>
      listPages(clients, "organizations:ListDelegatedAdministrators", async (token, options) => {
        const page = await client.send(new ListDelegatedAdministratorsCommand(token), options);
        return { items: page.DelegatedAdministrators?.map(({ Id }) => idOf(Id)), nextToken: page.NextToken };
      }),
    listDelegatedServices: (AccountId) =>
      listPages(clients, "organizations:ListDelegatedServicesForAccount", async (token, options) => {
        const page = await client.send(new ListDelegatedServicesForAccountCommand({ AccountId, ...token }), options);
        const services = page.DelegatedServices?.flatMap(({ ServicePrincipal }) => ServicePrincipal ?? []);
        return { items: services, nextToken: page.NextToken };
      }),
  };
}

/** What AWS calls an id. @throws AppError "bad_data" where it left it out. */
export function idOf(id: string | undefined): string {
  if (id === undefined || id === "") throw new AppError("bad_data", "AWS listed something without its id.");
  return id;
}
