import { bucketsOf } from "#lib/charts/trend.ts";
import {
  readAccountProviders,
  readInventoryReadings,
  readListedAccounts,
  readListedUnits,
  type ListedAccount,
  type ListedUnit,
} from "#lib/db/inventory.ts";
import { decimal, toAmount, ZERO } from "#lib/domain/money.ts";
import type { OwnerResolution } from "#lib/domain/ownership/resolve-owner.ts";
import { dayOf, daysIn } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type {
  AccountRow,
  AccountsQuery,
  AccountsSection,
  AccountsView,
  UnitNode,
} from "#lib/services/accounts/accounts-view.ts";
import { loadAccountOwners } from "#lib/services/ownership/load-account-owners.ts";
import { toOwnerView } from "#lib/services/ownership/to-owner-view.ts";
import { EMPTY_BAR } from "#lib/services/spend/empty-bar.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendRow, SpendSection, SpendView } from "#lib/services/spend/spend-view.ts";

/** Ranges longer than this are drawn by month. */
const MOST_DAYS_BY_DAY = 62;

/**
 * Every account with what it spends, whose it is and where it stands: those that cost names and those that an organisation lists, so that
 * each is seen where one knows it and the other does not. Members see the accounts of their own team, and their team's part of the cost.
 */
export async function readAccounts(context: ServiceContext, asked: AccountsQuery): Promise<AccountsView> {
  await authorise(context, "spend:read", "accounts");
  const { pool } = context.database;
  const granularity = daysIn(asked) > MOST_DAYS_BY_DAY ? "month" : "day";
  const [spend, accounts, units, readings, providers, owners, teams] = await Promise.all([
    readSpend(context, { ...asked, groupBy: "subAccount", granularity, kinds: [] }),
    readListedAccounts(pool, asked.asOf),
    readListedUnits(pool, asked.asOf),
    readInventoryReadings(pool, asked.asOf),
    readAccountProviders(pool),
    loadAccountOwners(pool, { day: dayOf(asked.asOf ?? context.now), asOf: asked.asOf }),
    readTeamNames(context),
  ]);
  const known = { accounts, units, providers, owners, teams };
  const buckets = bucketsOf(asked, granularity);
  const sections = sectionsOf(spend).map((section, index) =>
    toSection(section, index === 0, { ...known, buckets, isMine: ownAccounts(context, owners) }, asked),
  );
  return {
    asOf: spend.asOf,
    from: spend.from,
    to: spend.to,
    sections,
    inventories: readings.map(({ source, readAt, unknown }) => ({ source, readAt: readAt.toISOString(), unknown })),
    age: spend.age,
  };
}

/** Where nothing has any cost there still is one section, for the accounts that are listed. */
function sectionsOf({ sections }: SpendView): (SpendSection | null)[] {
  return sections.length > 0 ? sections : [null];
}

type Known = {
  accounts: ListedAccount[];
  units: ListedUnit[];
  providers: Map<string, string>;
  owners: Map<string, OwnerResolution>;
  teams: Map<string, string>;
  buckets: AccountsSection["buckets"];
  isMine: (account: string) => boolean;
};

function toSection(section: SpendSection | null, isMain: boolean, known: Known, asked: AccountsQuery): AccountsSection {
  const listed = new Map(known.accounts.map((account) => [account.accountId, account]));
  const withCost = new Set(section?.rows.map((row) => row.key) ?? []);
  const { provider: providers, ...others } = asked.filters;
  const isAsked = (account: ListedAccount) =>
    Object.keys(others).length === 0 && (providers?.includes(account.provider) ?? true);
  const idle = isMain ? known.accounts.filter((account) => !withCost.has(account.accountId) && isAsked(account)) : [];
  const rows = [
    ...(section?.rows ?? []).map((row) => toRow(row, listed.get(row.key), known)),
    ...idle
      .filter((account) => known.isMine(`${account.provider} ${account.accountId}`))
      .map((account) => toRow(null, account, known)),
  ];
  return {
    currency: section?.currency ?? asked.currency ?? "",
    bar: section?.bar ?? EMPTY_BAR,
    previousTotal: section?.previousTotal ?? null,
    change: section?.change ?? null,
    buckets: known.buckets,
    units: unitNodes(known.units, rows),
    rows,
  };
}

function toRow(spent: SpendRow | null, listed: ListedAccount | undefined, known: Known): AccountRow {
  const accountId = spent?.key ?? listed?.accountId ?? "";
  const provider = listed?.provider ?? known.providers.get(accountId) ?? "";
  const isMine = known.isMine(`${provider} ${accountId}`);
  const owner = toOwnerView(known.owners.get(`${provider} ${accountId}`), (key) => known.teams.get(key));
  const names = listed ? unitNames(known.units, listed.unitId) : [];
  return {
    provider,
    accountId,
    name: listed?.name ?? spent?.label ?? accountId,
    presence: spent && listed ? "both" : listed ? "organisation-only" : "cost-only",
    membership: listed
      ? {
          state: listed.state,
          stateSeenAt: listed.stateSeenAt.toISOString(),
          isFirstLook: listed.isFirstLook,
          joinedAt: listed.joinedAt?.toISOString() ?? null,
          joinedMethod: listed.joinedMethod,
          isManagement: listed.isManagement,
          // What an account's root user and tags say is not for everybody who has a part of its cost.
          mail: isMine ? listed.mail : "",
          tags: isMine ? listed.tags : null,
          delegatedServices: listed.delegatedServices,
          unitNames: names,
          unitId: listed.unitId,
        }
      : null,
    owner: isMine ? owner : { ...owner, claims: [] },
    amount: spent?.amount ?? "0",
    previous: spent ? spent.previous : null,
    change: spent?.change ?? null,
    spark: spent?.spark ?? known.buckets.map(() => null),
  };
}

/** AWS nests units five deep. */
const MOST_UNITS = 20;

function unitNames(units: readonly ListedUnit[], unitId: string): string[] {
  const byId = new Map(units.map((unit) => [unit.unitId, unit]));
  const names: string[] = [];
  for (let unit = byId.get(unitId); unit && names.length < MOST_UNITS; unit = byId.get(unit.parentId ?? ""))
    names.unshift(unit.name);
  return names;
}

/** Parents before children, siblings by amount; accounts of no organisation under "". */
function unitNodes(units: readonly ListedUnit[], rows: readonly AccountRow[]): UnitNode[] {
  const own = new Map<string, { accounts: number; amount: ReturnType<typeof decimal> }>();
  for (const row of rows) {
    const unitId = row.membership?.unitId ?? "";
    const sum = own.get(unitId) ?? { accounts: 0, amount: ZERO };
    own.set(unitId, { accounts: sum.accounts + 1, amount: sum.amount.plus(row.amount) });
  }
  const children = Map.groupBy(units, (unit) => unit.parentId);
  const nodesBelow = (parentId: string | null): UnitNode[] =>
    (children.get(parentId) ?? [])
      .map((unit) => {
        const below = nodesBelow(unit.unitId);
        const direct = below.filter((node) => node.parentId === unit.unitId);
        const self = own.get(unit.unitId) ?? { accounts: 0, amount: ZERO };
        return {
          below,
          node: {
            unitId: unit.unitId,
            parentId: unit.parentId,
            name: unit.name,
            path: unit.path,
            accounts: direct.reduce((count, node) => count + node.accounts, self.accounts),
            amount: toAmount(direct.reduce((sum, node) => sum.plus(node.amount), self.amount)),
          },
        };
      })
      .toSorted((a, b) => decimal(b.node.amount).comparedTo(a.node.amount) || (a.node.path < b.node.path ? -1 : 1))
      .flatMap(({ node, below }) => [node, ...below]);
  const outside = own.get("");
  return [
    ...nodesBelow(null),
    ...(outside
      ? [
          {
            unitId: "",
            parentId: null,
            name: "Not in an organisation",
            path: "",
            accounts: outside.accounts,
            amount: toAmount(outside.amount),
          },
        ]
      : []),
  ];
}

/** Which accounts of the inventory the actor may see besides those that cost shows: a member those of the own team. */
function ownAccounts({ actor }: ServiceContext, owners: ReadonlyMap<string, OwnerResolution>) {
  if (actor.role !== "member") return () => true;
  return (account: string) => actor.teamKey !== null && owners.get(account)?.teamKey === actor.teamKey;
}

async function readTeamNames({ database }: ServiceContext): Promise<Map<string, string>> {
  const { rows } = await database.pool.query<{ team_key: string; team_name: string }>(
    "SELECT DISTINCT ON (team_key) team_key, team_name FROM team_membership ORDER BY team_key, valid_from DESC NULLS LAST",
  );
  return new Map(rows.map((row) => [row.team_key, row.team_name]));
}
