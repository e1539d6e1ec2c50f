import { addDays, dayOf } from "#lib/domain/period.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { askCosts } from "#lib/sources/aws-cost-explorer/ask-costs.ts";
import { findBillingAccount } from "#lib/sources/aws-cost-explorer/billing-account.ts";
import type { CostExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** Cost of the day before yesterday and of yesterday: they are there whenever Cost Explorer is. */
const CHECKED_DAYS = 2;

/**
 * What `bursar check` says about a source that asks Cost Explorer: can the role be assumed, and is each action allowed.
 * Costs one request, 0.01 USD. Never throws for what it checks: each line holds its own error, with the action and the policy's line.
 */
export async function checkCostExplorer(
  spec: CostExplorerSpec,
  { gate, now, signal }: { gate: RequestGate; now: Date; signal: AbortSignal },
): Promise<CheckResult[]> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    const credentials = await checkStep(
      spec.roleArn === undefined ? "Find credentials of AWS" : `Assume ${spec.roleArn}`,
      () => clients.assumeRole(),
    );
    if (!credentials.ok) return [credentials];
    const today = dayOf(now);
    const range = { from: addDays(today, -CHECKED_DAYS), to: today };
    return [
      credentials,
      await checkStep("Find the account that pays (organizations:DescribeOrganization)", () =>
        findBillingAccount(clients, spec),
      ),
      await checkStep("Ask Cost Explorer for two days (ce:GetCostAndUsage; one request, 0.01 USD)", () =>
        askCosts(clients, { range, metrics: ["UnblendedCost"] }),
      ),
    ];
  } finally {
    clients.close();
  }
}
