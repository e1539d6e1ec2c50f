import * as sdk from "@aws-sdk/client-organizations";
import type { AwsMember, AwsOrganization, AwsUnit } from "#demo/estate/aws-organization.ts";
import { listPage, type PagedRequest } from "#demo/aws/organizations/list-page.ts";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type AwsOperation, type AwsService, operation, type OperationCall } from "#demo/aws/service.ts";
import type { OperationSchema } from "#demo/aws/model.ts";

const FAILURES = {
  TooManyRequestsException:
    "You have sent too many requests in too short a period of time. The quota helps protect against denial-of-service attacks. Try again later.",
  AWSOrganizationsNotInUseException: "Your account is not a member of an organization.",
  ServiceException:
    "AWS Organizations can't complete your request because of an internal service error. Try again later.",
} as const;

/** Organizations, read only: the tree, its accounts with tags, and the delegated administrators. */
export function createOrganizations(organization: AwsOrganization, tokens: PageTokens): AwsService {
  const page = <T>(request: PagedRequest, items: readonly T[], call: OperationCall, emptyAt?: number) =>
    listPage(tokens, request, items, call, emptyAt);
  return {
    name: "organizations",
    protocol: "json",
    target: "AWSOrganizationsV20161128",
    regions: ["us-east-1"],
    throttling: { code: "TooManyRequestsException", message: FAILURES.TooManyRequestsException },
    failures: FAILURES,
    operations: {
      ...accountOperations(organization, page),
      ...treeOperations(organization, page),
      ...delegationOperations(organization, page),
      DescribeOrganization: read<object, sdk.DescribeOrganizationResponse>(sdk.DescribeOrganization$, (_, call) => {
        member(organization, call);
        return {
          Organization: {
            Id: organization.id,
            Arn: organization.arn,
            FeatureSet: "ALL",
            MasterAccountId: organization.managementAccountId,
            MasterAccountArn: accountOf(organization, organization.managementAccountId).arn,
            MasterAccountEmail: organization.managementMail,
          },
        };
      }),
      ListTagsForResource: read<sdk.ListTagsForResourceRequest, sdk.ListTagsForResourceResponse>(
        sdk.ListTagsForResource$,
        (request, call) => {
          const { ResourceId = "" } = request;
          administrator(organization, call);
          const found = [...organization.accounts, ...organization.units].find(({ id }) => id === ResourceId);
          if (!found && ResourceId !== organization.rootId)
            throw new AwsFailure("TargetNotFoundException", "You specified a target that doesn't exist.");
          const { items, more } = page(request, Object.entries(found?.tags ?? {}), call);
          return { Tags: items.map(([Key, Value]) => ({ Key, Value })), ...more };
        },
      ),
    },
  };
}

type Pager = <T>(
  request: PagedRequest,
  items: readonly T[],
  call: OperationCall,
  emptyAt?: number,
) => ReturnType<typeof listPage<T>>;

/** After so many accounts the list has an empty page with a token, as the real one may have anywhere. */
const EMPTY_PAGE_AFTER_ACCOUNTS = 40;

function accountOperations(organization: AwsOrganization, page: Pager): Record<string, AwsOperation> {
  return {
    ListAccounts: read<sdk.ListAccountsRequest, sdk.ListAccountsResponse>(sdk.ListAccounts$, (request, call) => {
      administrator(organization, call);
      const { items, more } = page(request, organization.accounts, call, EMPTY_PAGE_AFTER_ACCOUNTS);
      return { Accounts: items.map((account) => accountView(organization, account)), ...more };
    }),
    ListAccountsForParent: read<sdk.ListAccountsForParentRequest, sdk.ListAccountsForParentResponse>(
      sdk.ListAccountsForParent$,
      (request, call) => {
        administrator(organization, call);
        const parent = parentOf(organization, request.ParentId);
        const { items, more } = page(request, organization.accounts.filter(isIn(parent)), call);
        return { Accounts: items.map((account) => accountView(organization, account)), ...more };
      },
    ),
    DescribeAccount: read<sdk.DescribeAccountRequest, sdk.DescribeAccountResponse>(
      sdk.DescribeAccount$,
      ({ AccountId = "" }, call) => {
        administrator(organization, call);
        return { Account: accountView(organization, accountOf(organization, AccountId)) };
      },
    ),
  };
}

function treeOperations(organization: AwsOrganization, page: Pager): Record<string, AwsOperation> {
  return {
    ListRoots: read<sdk.ListRootsRequest, sdk.ListRootsResponse>(sdk.ListRoots$, (request, call) => {
      administrator(organization, call);
      const root = { Id: organization.rootId, Arn: organization.rootArn, Name: "Root", PolicyTypes: [] };
      const { items, more } = page(request, [root], call);
      return { Roots: items, ...more };
    }),
    ListOrganizationalUnitsForParent: read<
      sdk.ListOrganizationalUnitsForParentRequest,
      sdk.ListOrganizationalUnitsForParentResponse
    >(sdk.ListOrganizationalUnitsForParent$, (request, call) => {
      administrator(organization, call);
      const parent = parentOf(organization, request.ParentId);
      const { items, more } = page(request, organization.units.filter(isIn(parent)), call);
      return { OrganizationalUnits: items.map((unit) => unitView(organization, unit)), ...more };
    }),
    ListChildren: read<sdk.ListChildrenRequest, sdk.ListChildrenResponse>(sdk.ListChildren$, (request, call) => {
      administrator(organization, call);
      const parent = parentOf(organization, request.ParentId);
      const { ChildType } = request;
      if (ChildType !== "ACCOUNT" && ChildType !== "ORGANIZATIONAL_UNIT")
        throw invalidInput("You provided a value that is not one of the valid values", "INVALID_ENUM");
      const children = ChildType === "ACCOUNT" ? organization.accounts : organization.units;
      const { items, more } = page(request, children.filter(isIn(parent)), call);
      return { Children: items.map(({ id }) => ({ Id: id, Type: ChildType })), ...more };
    }),
    ListParents: read<sdk.ListParentsRequest, sdk.ListParentsResponse>(sdk.ListParents$, (request, call) => {
      administrator(organization, call);
      const child = [...organization.accounts, ...organization.units].find(({ id }) => id === request.ChildId);
      if (!child)
        throw new AwsFailure(
          "ChildNotFoundException",
          "We can't find an organizational unit (OU) or Amazon Web Services account with the ChildId that you specified.",
        );
      const isRoot = child.parentId === organization.rootId;
      const { items, more } = page(request, [child.parentId], call);
      return { Parents: items.map((Id) => ({ Id, Type: isRoot ? "ROOT" : "ORGANIZATIONAL_UNIT" })), ...more };
    }),
    DescribeOrganizationalUnit: read<sdk.DescribeOrganizationalUnitRequest, sdk.DescribeOrganizationalUnitResponse>(
      sdk.DescribeOrganizationalUnit$,
      ({ OrganizationalUnitId }, call) => {
        administrator(organization, call);
        const unit = organization.units.find(({ id }) => id === OrganizationalUnitId);
        if (!unit)
          throw new AwsFailure(
            "OrganizationalUnitNotFoundException",
            "We can't find an OU with the OrganizationalUnitId that you specified.",
          );
        return { OrganizationalUnit: unitView(organization, unit) };
      },
    ),
  };
}

function delegationOperations(organization: AwsOrganization, page: Pager): Record<string, AwsOperation> {
  return {
    ListDelegatedAdministrators: read<sdk.ListDelegatedAdministratorsRequest, sdk.ListDelegatedAdministratorsResponse>(
      sdk.ListDelegatedAdministrators$,
      (request, call) => {
        administrator(organization, call);
        const { ServicePrincipal } = request;
        const delegations = organization.delegatedAdministrators.filter(
          ({ services }) => ServicePrincipal === undefined || services.includes(ServicePrincipal),
        );
        const { items, more } = page(request, delegations, call);
        const views = items.map(({ accountId, enabledAt }): sdk.DelegatedAdministrator => {
          const { Paths: _, ...account } = accountView(organization, accountOf(organization, accountId));
          return { ...account, DelegationEnabledDate: enabledAt };
        });
        return { DelegatedAdministrators: views, ...more };
      },
    ),
    ListDelegatedServicesForAccount: read<
      sdk.ListDelegatedServicesForAccountRequest,
      sdk.ListDelegatedServicesForAccountResponse
    >(sdk.ListDelegatedServicesForAccount$, (request, call) => {
      administrator(organization, call);
      const { AccountId = "" } = request;
      accountOf(organization, AccountId);
      const delegation = organization.delegatedAdministrators.find(({ accountId }) => accountId === AccountId);
      if (!delegation)
        throw new AwsFailure(
          "AccountNotRegisteredException",
          "The specified account is not a delegated administrator for this Amazon Web Services service.",
        );
      const { items, more } = page(request, delegation.services, call);
      return {
        DelegatedServices: items.map((ServicePrincipal) => ({
          ServicePrincipal,
          DelegationEnabledDate: delegation.enabledAt,
        })),
        ...more,
      };
    }),
  };
}

/** An operation whose IAM action has its own name. */
function read<Input, Output extends object>(
  schema: OperationSchema,
  answer: (input: Input, call: OperationCall) => Output,
): AwsOperation {
  return operation<Input, Output>({ schema, action: `organizations:${schema[2]}`, answer });
}

function member(organization: AwsOrganization, { caller }: OperationCall): void {
  if (organization.accounts.some(({ id }) => id === caller.account)) return;
  throw new AwsFailure("AWSOrganizationsNotInUseException", FAILURES.AWSOrganizationsNotInUseException);
}

/** Only the management account and delegated administrators may read the organisation. */
function administrator(organization: AwsOrganization, call: OperationCall): void {
  member(organization, call);
  const { account } = call.caller;
  const isDelegated = organization.delegatedAdministrators.some(({ accountId }) => accountId === account);
  if (account === organization.managementAccountId || isDelegated) return;
  throw new AwsFailure("AccessDeniedException", "You don't have permissions to access this resource.");
}

function accountOf(organization: AwsOrganization, accountId: string): AwsMember {
  if (!/^\d{12}$/.test(accountId))
    throw invalidInput("You provided a value that does not match the required pattern.", "INVALID_PATTERN");
  const account = organization.accounts.find(({ id }) => id === accountId);
  if (account) return account;
  throw new AwsFailure("AccountNotFoundException", "You specified an account that doesn't exist.");
}

function parentOf(organization: AwsOrganization, parentId = ""): string {
  if (!/^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/.test(parentId))
    throw invalidInput("You provided a value that does not match the required pattern.", "INVALID_PATTERN");
  if (parentId === organization.rootId || organization.units.some(({ id }) => id === parentId)) return parentId;
  throw new AwsFailure("ParentNotFoundException", "You specified parent that doesn't exist.");
}

function isIn(parent: string): (child: { parentId: string }) => boolean {
  return ({ parentId }) => parentId === parent;
}

function invalidInput(message: string, reason: string): AwsFailure {
  return new AwsFailure("InvalidInputException", message, { details: { Reason: reason } });
}

function accountView(organization: AwsOrganization, account: AwsMember): sdk.Account {
  return {
    Id: account.id,
    Arn: account.arn,
    Email: account.mail,
    Name: account.name,
    Status: account.status,
    State: account.state,
    Paths: [`${pathOf(organization, account.parentId)}${account.id}/`],
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: account.joinedAt,
  };
}

function unitView(organization: AwsOrganization, unit: AwsUnit): sdk.OrganizationalUnit {
  return { Id: unit.id, Arn: unit.arn, Name: unit.name, Path: pathOf(organization, unit.id) };
}

/** "o-…/r-…/ou-…/", as the condition key aws:PrincipalOrgPaths writes it. */
function pathOf(organization: AwsOrganization, id: string): string {
  const unit = organization.units.find((candidate) => candidate.id === id);
  return unit ? `${pathOf(organization, unit.parentId)}${id}/` : `${organization.id}/${id}/`;
}
