import type { Account } from "@aws-sdk/client-organizations";
import { AppError } from "#lib/errors.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { permissionOf } from "#lib/sources/aws-organizations/list-pages.ts";
import { idOf, organizationRequests, type OrganizationRequests } from "#lib/sources/aws-organizations/requests.ts";
import { runBounded } from "#lib/sources/aws/run-bounded.ts";
import type { OrganizationsSpec } from "#lib/sources/aws-organizations/spec.ts";
import type { InventoryAccount, OrganizationReading, OrganizationUnit } from "#lib/sources/inventory.ts";
import type { ReadOptions } from "#lib/sources/source.ts";

/** Requests under way at once; the gate holds them to the rates of the API as well. */
const CONCURRENCY = 4;
/** AWS nests units five levels deep below the root; a deeper tree is one that we do not understand. */
const MAX_DEPTH = 10;

/**
 * Reads the tree of units, the accounts with their states, tags and delegated administrators.
 *
 * @returns what may not be read as null, listed under `unknown` with the action that is missing.
 * @throws AppError "denied" where one of the actions is missing without which there is no inventory, "bad_data" where the
 *   organisation was changed while it was read.
 */
export async function readOrganization(
  spec: OrganizationsSpec,
  gate: RequestGate,
  { signal, onProgress }: ReadOptions,
): Promise<OrganizationReading> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    // Who is asked is known first, so that every request counts for its account.
    await clients.callerAccount();
    const requests = organizationRequests(clients);
    const report = (step: string) => onProgress({ step, done: 0, total: 1, unit: "lists" });
    report("Reading the organisational units");
    const { organizationId, managementAccountId } = await requests.describeOrganization();
    const bareUnits = await readUnits(requests);
    report("Reading the accounts");
    const listed = await requests.listAccounts();
    const unitOfAccount = await readPlaces(requests, bareUnits);
    refuseUnlisted(listed, unitOfAccount);
    report("Reading tags and delegated administrators");
    const unknown: OrganizationReading["unknown"] = [];
    const ids = [...bareUnits.map(({ unitId }) => unitId), ...listed.map(({ Id }) => idOf(Id))];
    const tags = await unlessDenied(unknown, "organizations:ListTagsForResource", () => readTags(requests, ids));
    const delegated = await readDelegations(requests, unknown);
    return {
      organizationId,
      managementAccountId,
      units: bareUnits.map((unit) => ({ ...unit, tags: tags?.get(unit.unitId) ?? null })),
      accounts: listed.map((account) => accountOf(account, { managementAccountId, unitOfAccount, tags, delegated })),
      unknown,
    };
  } finally {
    clients.close();
  }
}

type BareUnit = Omit<OrganizationUnit, "tags">;

/** Level by level: the roots, the units in them, the units in those. */
async function readUnits(requests: OrganizationRequests): Promise<BareUnit[]> {
  const roots = await requests.listRoots();
  let level: BareUnit[] = roots.map(({ Id, Name = "Root" }) => ({
    unitId: idOf(Id),
    parentId: null,
    name: Name,
    path: Name,
  }));
  const units = [...level];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === MAX_DEPTH)
      throw new AppError("limit_reached", `Organisational units are nested more than ${MAX_DEPTH} levels deep.`);
    const below = await runBounded(level, CONCURRENCY, async (parent) =>
      (await requests.listUnits(parent.unitId)).map(({ Id, Name = "" }) => ({
        unitId: idOf(Id),
        parentId: parent.unitId,
        name: Name,
        path: `${parent.path}/${Name}`,
      })),
    );
    level = below.flat();
    units.push(...level);
  }
  return units;
}

/** Account → unit that it is in. */
async function readPlaces(requests: OrganizationRequests, units: readonly BareUnit[]): Promise<Map<string, string>> {
  const places = await runBounded(units, CONCURRENCY, async ({ unitId }) =>
    (await requests.listAccountIds(unitId)).map((accountId) => [accountId, unitId] as const),
  );
  return new Map(places.flat());
}

/** An account that the list lacks has left, which ends what was known of it: one that a unit still has may not lack. */
function refuseUnlisted(listed: readonly Account[], unitOfAccount: ReadonlyMap<string, string>): void {
  const known = new Set(listed.map(({ Id }) => idOf(Id)));
  const lacking = [...unitOfAccount.keys()].find((accountId) => !known.has(accountId));
  if (lacking !== undefined)
    throw new AppError(
      "bad_data",
      `The account ${lacking} is in a unit and not in the list: the organisation was changed while it was read.`,
      { remedy: "Nothing was published; the next run reads it again." },
    );
}

async function readTags(
  requests: OrganizationRequests,
  ids: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  return new Map(await runBounded(ids, CONCURRENCY, async (id) => [id, await requests.listTags(id)] as const));
}

/** Account → services that it administers; null where that may not be read, for all accounts or for one that is listed. */
type Delegations = Map<string, string[] | null> | null;

async function readDelegations(
  requests: OrganizationRequests,
  unknown: OrganizationReading["unknown"],
): Promise<Delegations> {
  const administrators = await unlessDenied(unknown, "organizations:ListDelegatedAdministrators", () =>
    requests.listDelegatedAdministrators(),
  );
  if (administrators === null) return null;
  const services = await unlessDenied(unknown, "organizations:ListDelegatedServicesForAccount", () =>
    runBounded(administrators, CONCURRENCY, (accountId) => requests.listDelegatedServices(accountId)),
  );
  return new Map(administrators.map((accountId, index) => [accountId, services?.[index] ?? null]));
}

/** What the work answers; null, and an entry in `unknown`, where its action is denied. */
async function unlessDenied<T>(
  unknown: OrganizationReading["unknown"],
  action: string,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "denied") throw thrown;
    unknown.push({ what: permissionOf(action).why, action });
    return null;
  }
}

type Surroundings = {
  managementAccountId: string;
  unitOfAccount: ReadonlyMap<string, string>;
  tags: ReadonlyMap<string, Record<string, string>> | null;
  delegated: Delegations;
};

function accountOf(account: Account, surroundings: Surroundings): InventoryAccount {
  const accountId = idOf(account.Id);
  const unitId = surroundings.unitOfAccount.get(accountId);
  if (unitId === undefined || account.State === undefined)
    throw new AppError(
      "bad_data",
      unitId === undefined
        ? `The account ${accountId} is in no unit: the organisation was changed while it was read.`
        : `AWS listed the account ${accountId} without its state.`,
      { remedy: "Nothing was published; the next run reads it again." },
    );
  const { delegated } = surroundings;
  return {
    provider: "AWS",
    accountId,
    name: account.Name ?? accountId,
    mail: account.Email ?? "",
    state: account.State,
    joinedAt: account.JoinedTimestamp ?? null,
    joinedMethod: account.JoinedMethod ?? null,
    unitId,
    tags: surroundings.tags?.get(accountId) ?? null,
    isManagement: accountId === surroundings.managementAccountId,
    delegatedServices: delegated === null ? null : delegated.has(accountId) ? (delegated.get(accountId) ?? null) : [],
  };
}
