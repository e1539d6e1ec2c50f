import { DescribeOrganizationCommand } from "@aws-sdk/client-organizations";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { COST_EXPLORER_PERMISSIONS, statementOf } from "#lib/sources/aws/permissions.ts";
import type { CostExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";

/** Who pays, and who asks: a member account is shown its own cost alone. */
export type BillingAccount = { billingAccountId: string; callerAccountId: string };

/** The account that pays: as the settings say, as Organizations says, or, outside of organisations, the caller's own. */
export async function findBillingAccount(clients: AwsClients, spec: CostExplorerSpec): Promise<BillingAccount> {
  const callerAccountId = await clients.callerAccount();
  if (spec.billingAccountId !== undefined) return { billingAccountId: spec.billingAccountId, callerAccountId };
  return { billingAccountId: await managementAccount(clients, callerAccountId), callerAccountId };
}

async function managementAccount(clients: AwsClients, callerAccountId: string): Promise<string> {
  const permission = COST_EXPLORER_PERMISSIONS.find(({ action }) => action === "organizations:DescribeOrganization");
  if (permission === undefined) throw new RangeError("organizations:DescribeOrganization is not listed");
  try {
    const { Organization } = await clients.attempt(permission, (options) =>
      clients.organizations.send(new DescribeOrganizationCommand({}), options).catch((thrown: unknown) => {
        if (thrown instanceof Error && thrown.name === "AWSOrganizationsNotInUseException")
          return { Organization: null };
        throw thrown;
      }),
    );
    return Organization?.MasterAccountId ?? callerAccountId;
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "denied") throw thrown;
    throw new AppError("denied", thrown.message, {
      cause: thrown,
      remedy: `Set the source's billingAccountId, or add to the policy of the role that Bursar uses: ${statementOf(permission)}`,
    });
  }
}
