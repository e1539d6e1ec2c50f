import { AppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { permissionOf } from "#lib/sources/aws-organizations/list-pages.ts";
import { organizationRequests, type OrganizationRequests } from "#lib/sources/aws-organizations/requests.ts";
import type { OrganizationsSpec } from "#lib/sources/aws-organizations/spec.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/**
 * What `bursar check` says about a source that reads an organisation: one line for the credentials and one for each action,
 * with the policy's line to add where it is denied. Asking is free. Never throws for what it checks.
 */
export async function checkOrganization(
  spec: OrganizationsSpec,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
): Promise<CheckResult[]> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    const credentials = await checkStep(
      spec.roleArn === undefined ? "Find credentials of AWS" : `Assume ${spec.roleArn}`,
      () => clients.assumeRole(),
    );
    if (!credentials.ok) return [credentials];
    return [credentials, ...(await checkActions(organizationRequests(clients)))];
  } finally {
    clients.close();
  }
}

async function checkActions(requests: OrganizationRequests): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  /** Answers what the call does, or null where it failed, which leaves what builds on it unchecked. */
  const step = async <T>(action: string, work: () => Promise<T>): Promise<T | null> => {
    const answers: T[] = [];
    const { why, isOptional } = permissionOf(action);
    const what = `Read ${why} (${action}${isOptional ? "; the source works without" : ""})`;
    results.push(await checkStep(what, async () => answers.push(await work())));
    return answers[0] ?? null;
  };
  const organization = await step("organizations:DescribeOrganization", requests.describeOrganization);
  const roots = await step("organizations:ListRoots", requests.listRoots);
  const rootId = roots?.[0]?.Id;
  if (rootId !== undefined) {
    await step("organizations:ListOrganizationalUnitsForParent", () => requests.listUnits(rootId));
    await step("organizations:ListAccountsForParent", () => requests.listAccountIds(rootId));
    await step("organizations:ListTagsForResource", () => requests.listTags(rootId));
  }
  await step("organizations:ListAccounts", requests.listAccounts);
  const administrators = await step("organizations:ListDelegatedAdministrators", requests.listDelegatedAdministrators);
  const asked = administrators?.[0] ?? organization?.managementAccountId;
  if (asked !== undefined)
    await step("organizations:ListDelegatedServicesForAccount", () =>
      requests.listDelegatedServices(asked).catch(refusedButAllowed),
    );
  return results;
}

/** Where no account administers anything, AWS refuses the question itself, which it does only to those who may ask. */
function refusedButAllowed(thrown: unknown): string[] {
  const cause = thrown instanceof AppError ? thrown.cause : null;
  if (cause instanceof Error && NOT_DELEGATED.includes(cause.name)) return [];
  throw thrown;
}

const NOT_DELEGATED = ["AccountNotRegisteredException", "AccountNotFoundException", "ConstraintViolationException"];
