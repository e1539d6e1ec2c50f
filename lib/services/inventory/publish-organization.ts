import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { observe } from "#lib/db/observe.ts";
import { claimsOfAccount } from "#lib/domain/ownership/account-claims.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import { resolveAllNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";
import { inventoryReachMs } from "#lib/services/policies/good-for.ts";
import { closeParts } from "#lib/services/evaluations/close-parts.ts";
import { judgeAccounts } from "#lib/services/policies/judge-accounts.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import type { RunLease } from "#lib/services/runs/run-lease.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import type { InventoryAccount, OrganizationReading, OrganizationUnit } from "#lib/sources/inventory.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/**
 * Takes over what an organisation says now: its accounts and units as stretches of time, and what they say about owners as claims. Where
 * a claim changed, every open period is allocated again. One transaction; whoever asks "as of" an earlier instant still gets that answer.
 */
export async function publishOrganization(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  sliceId: number,
  offered: OfferedSlice,
): Promise<void> {
  const reading = await source.readOrganization(offered, { signal: lease.signal, onProgress: lease.report });
  await context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const at = await transactionTime(sql);
    const accounts = await observe(sql, {
      table: "cloud_account",
      scope: { source_key: source.key },
      keys: ["provider", "account_id"],
      values: ACCOUNT_VALUES,
      rows: reading.accounts.map(toAccountRow),
      at,
    });
    await observe(sql, {
      table: "organization_unit",
      scope: { source_key: source.key },
      keys: ["unit_id"],
      values: ["parent_id", "name", "path", "tags"],
      rows: reading.units.map(toUnitRow),
      at,
    });
    const claims = await observe(sql, {
      table: "ownership_claim",
      scope: { source_key: source.key, subject_kind: "account" },
      keys: ["subject_key", "origin", "detail"],
      values: ["names_kind", "names_value", "inherited"],
      rows: [...claimRows(reading, source.ownerTags), ...(await unreadableClaims(sql, source.key, reading))],
      at,
    });
    await publishDataset(sql, context, lease, { source, sliceId, offered, records: reading.accounts.length });
    await sql.query("UPDATE publication SET totals = $2 WHERE run_id = $1", [
      lease.runId,
      JSON.stringify({
        organizationId: reading.organizationId,
        managementAccountId: reading.managementAccountId,
        unknown: reading.unknown,
      }),
    ]);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "inventory.published",
      subject: source.key,
      after: { run: lease.runId, accounts, claims, unknown: reading.unknown },
    });
    if (claims.began + claims.ended > 0) {
      await resolveAllNamespaceOwners(sql, context.now);
      await requestReallocation(transaction, context);
    }
    const goodForMs = inventoryReachMs(source.schedule, "accounts", lease.logicalTime);
    await closeParts(context, sql, { organisation: source.key, at: lease.logicalTime });
    await judgeAccounts(context, sql, { sourceKey: source.key, at: lease.logicalTime, goodForMs });
  });
}

const ACCOUNT_VALUES = [
  "name",
  "mail",
  "state",
  "joined_at",
  "joined_method",
  "unit_id",
  "tags",
  "is_management",
  "delegated_services",
];

async function transactionTime(sql: PoolClient): Promise<Date> {
  const { rows } = await sql.query<{ at: Date }>("SELECT now() AS at");
  return rows[0]?.at ?? new Date(0);
}

function toAccountRow(account: InventoryAccount): Record<string, unknown> {
  return {
    provider: account.provider,
    account_id: account.accountId,
    name: account.name,
    mail: account.mail,
    state: account.state,
    joined_at: account.joinedAt,
    joined_method: account.joinedMethod,
    unit_id: account.unitId,
    tags: account.tags,
    is_management: account.isManagement,
    delegated_services: account.delegatedServices,
  };
}

function toUnitRow({ unitId, parentId, name, path, tags }: OrganizationUnit): Record<string, unknown> {
  return { unit_id: unitId, parent_id: parentId, name, path, tags };
}

function claimRows({ accounts, units }: OrganizationReading, ownerTags: readonly string[]): Record<string, unknown>[] {
  const byId = new Map(units.map((unit) => [unit.unitId, unit]));
  return accounts.flatMap((account) =>
    claimsOfAccount({ tags: account.tags, units: unitsAbove(byId, account.unitId) }, ownerTags).map((claim) => ({
      subject_key: `${account.provider} ${account.accountId}`,
      origin: claim.origin,
      names_kind: claim.names.kind,
      names_value: claim.names.value,
      detail: claim.detail,
      inherited: claim.inherited,
    })),
  );
}

/** AWS nests units five deep. */
const MOST_UNITS = 20;

function unitsAbove(units: ReadonlyMap<string, OrganizationUnit>, unitId: string): OrganizationUnit[] {
  const found: OrganizationUnit[] = [];
  for (let unit = units.get(unitId); unit && found.length < MOST_UNITS; unit = units.get(unit.parentId ?? ""))
    found.push(unit);
  return found;
}

/** What was claimed before by tags that may not be read now: not being allowed to look is no reason to forget. */
async function unreadableClaims(
  sql: PoolClient,
  sourceKey: string,
  { accounts, units }: OrganizationReading,
): Promise<Record<string, unknown>[]> {
  const hidden = accounts
    .filter(({ tags }) => tags === null)
    .map((account) => `${account.provider} ${account.accountId}`);
  const areUnitsHidden = units.some(({ tags }) => tags === null);
  const { rows } = await sql.query<Record<string, unknown>>(
    `SELECT subject_key, origin, names_kind, names_value, detail, inherited FROM ownership_claim
     WHERE source_key = $1 AND subject_kind = 'account' AND seen_to IS NULL
       AND (origin = 'account-tag' AND subject_key = ANY($2) OR origin = 'unit-tag' AND $3)`,
    [sourceKey, hidden, areUnitsHidden],
  );
  return rows;
}
