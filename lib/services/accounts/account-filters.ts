import { decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import type { AccountPresence, AccountRow, AccountsSection, UnitNode } from "#lib/services/accounts/accounts-view.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";

/** The presence of an account, with those apart of whose provider no organisation is read: nothing is wrong with them. */
export type AccountStanding = AccountPresence | "not-read";
export const ACCOUNT_STANDINGS = ["both", "cost-only", "organisation-only", "not-read"] as const;

/** An owner's strength, or whether there is one at all. */
export type OwnerFilter = OwnerView["strength"] | "known" | "nobody";
export const OWNER_FILTERS = ["known", "nobody", "explicit", "derived", "weak", "contested", "none"] as const;

/** Which accounts of an AccountsView are meant. Null and "" = any. */
export type AccountFilters = {
  /** A unit with all below it, or what `unitKeyOf` answers for accounts of none. */
  unit: string | null;
  /** A state in small letters, or "inactive" = any but active. */
  state: string | null;
  presence: AccountStanding | null;
  owner: OwnerFilter | null;
  /** A part of the name, the id, the mail address or the owner's name. */
  find: string;
};

const OUTSIDE = "outside:";

/** False for the row of cost that names no account, such as a credit on the whole invoice. */
export function isAccount({ accountId }: AccountRow): boolean {
  return accountId !== "";
}

/** Where a row stands among the units: its account's unit, or one key for all of a provider that are in none. */
export function unitKeyOf(row: AccountRow): string {
  if (!isAccount(row)) return `${OUTSIDE}none`;
  return row.membership?.unitId ?? `${OUTSIDE}${row.provider}`;
}

/** The providers of which an organisation lists at least one account. */
export function providersRead(sections: readonly AccountsSection[]): Set<string> {
  const rows = sections.flatMap((section) => section.rows);
  return new Set(rows.filter(({ membership }) => membership !== null).map(({ provider }) => provider));
}

export function standingOf(row: AccountRow, read: ReadonlySet<string>): AccountStanding {
  return row.presence === "cost-only" && !read.has(row.provider) ? "not-read" : row.presence;
}

/** True where an organisation says that the account is suspended, closed or about to be. */
export function isInactive({ membership }: AccountRow): boolean {
  return membership !== null && membership.state !== "ACTIVE";
}

/** The rows of a section that match, in its order. `read`: see `providersRead`. */
export function filterAccounts(
  { rows, units }: Pick<AccountsSection, "rows" | "units">,
  filters: AccountFilters,
  read: ReadonlySet<string>,
): AccountRow[] {
  const wanted = filters.unit === null ? null : unitsBelow(units, filters.unit);
  const text = filters.find.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (wanted === null || wanted.has(unitKeyOf(row))) &&
      matchesState(row, filters.state) &&
      (filters.presence === null || standingOf(row, read) === filters.presence) &&
      matchesOwner(row.owner, filters.owner) &&
      (text === "" || searchedText(row).includes(text)),
  );
}

export type AccountCounts = {
  accounts: number;
  owned: number;
  inactive: number;
  /** Of the inactive ones those that have cost, and how much by currency. */
  inactiveSpending: { accounts: number; amounts: { currency: string; amount: Amount }[] };
  costOnly: number;
  organisationOnly: number;
  notRead: number;
};

/** Each account counted once, however many currencies it has cost in; cost that names no account is none. */
export function countAccounts(sections: readonly AccountsSection[]): AccountCounts {
  const read = providersRead(sections);
  const distinct = new Map(
    sections.flatMap(({ rows }) => rows.map((row) => [`${row.provider} ${row.accountId}`, row] as const)),
  );
  const rows = [...distinct.values()].filter(isAccount);
  const count = (matches: (row: AccountRow) => boolean): number => rows.filter(matches).length;
  const amounts = sections
    .map(({ currency, rows: own }) => ({
      currency,
      amount: toAmount(sum(own.filter(isInactive).map((row) => row.amount))),
    }))
    .filter(({ amount }) => !decimal(amount).isZero());
  const spending = new Set(
    sections.flatMap(({ rows: own }) =>
      own
        .filter((row) => isInactive(row) && !decimal(row.amount).isZero())
        .map((row) => `${row.provider} ${row.accountId}`),
    ),
  );
  return {
    accounts: rows.length,
    owned: count((row) => row.owner.team !== null),
    inactive: count(isInactive),
    inactiveSpending: { accounts: spending.size, amounts },
    costOnly: count((row) => standingOf(row, read) === "cost-only"),
    organisationOnly: count((row) => row.presence === "organisation-only"),
    notRead: count((row) => standingOf(row, read) === "not-read"),
  };
}

/** A unit and all below it. Units are given parents first, so that one pass finds them. */
function unitsBelow(units: readonly UnitNode[], unit: string): Set<string> {
  const found = new Set([unit]);
  for (const { unitId, parentId } of units) if (parentId !== null && found.has(parentId)) found.add(unitId);
  return found;
}

function matchesState(row: AccountRow, state: string | null): boolean {
  if (state === null) return true;
  return state === "inactive" ? isInactive(row) : row.membership?.state.toLowerCase() === state;
}

function matchesOwner(owner: OwnerView, wanted: OwnerFilter | null): boolean {
  if (wanted === null) return true;
  if (wanted === "known") return owner.team !== null;
  return wanted === "nobody" ? owner.team === null : owner.strength === wanted;
}

function searchedText({ name, accountId, owner, membership }: AccountRow): string {
  return [name, accountId, owner.team?.name ?? "", owner.team?.key ?? "", membership?.mail ?? ""]
    .join("\n")
    .toLowerCase();
}
