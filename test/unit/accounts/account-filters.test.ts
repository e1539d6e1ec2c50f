import { describe, expect, test } from "vitest";
import {
  countAccounts,
  filterAccounts,
  providersRead,
  standingOf,
  type AccountFilters,
} from "#lib/services/accounts/account-filters.ts";
import type { AccountRow, AccountsSection } from "#lib/services/accounts/accounts-view.ts";
import { account, owned, UNITS } from "#test/unit/accounts/account-rows.ts";

const ANY: AccountFilters = { unit: null, state: null, presence: null, owner: null, find: "" };

const ROWS = [
  account("1", { unitId: "prod" }, { owner: owned("claims") }),
  account("2", { unitId: "sandbox", state: "SUSPENDED" }, { amount: "2.5", owner: owned("pricing", "contested") }),
  account("3", { unitId: "root", state: "CLOSED" }, { amount: "0", presence: "organisation-only" }),
  account("4", null),
  account("5", null, { provider: "Microsoft" }),
  account("", null, { provider: "", amount: "-9" }),
];

function section(rows: AccountRow[], currency = "USD"): AccountsSection {
  const bar = { direct: "0", shared: "0", idle: "0", unallocated: "0", total: "0" };
  return {
    currency,
    bar: { ...bar, controlTotal: null, difference: null, coveragePercent: null },
    previousTotal: null,
    change: null,
    buckets: [],
    units: UNITS,
    rows,
  };
}

function found(filters: Partial<AccountFilters>): string[] {
  const one = section(ROWS);
  return filterAccounts(one, { ...ANY, ...filters }, providersRead([one])).map(({ accountId }) => accountId);
}

describe("filterAccounts", () => {
  test("without a filter everything stays, in its order", () => {
    expect(found({})).toEqual(ROWS.map(({ accountId }) => accountId));
  });

  test("a unit holds the accounts of all units below it", () => {
    expect(found({ unit: "root" })).toEqual(["1", "2", "3"]);
    expect(found({ unit: "work" })).toEqual(["1"]);
    expect(found({ unit: "sandbox" })).toEqual(["2"]);
    expect(found({ unit: "outside:AWS" })).toEqual(["4"]);
  });

  test("inactive is every state but active, and never what no organisation lists", () => {
    expect(found({ state: "inactive" })).toEqual(["2", "3"]);
    expect(found({ state: "closed" })).toEqual(["3"]);
    expect(found({ state: "active" })).toEqual(["1"]);
  });

  test("not being in the organisation is said only of providers whose organisation was read", () => {
    expect(found({ presence: "cost-only" })).toEqual(["4"]);
    expect(found({ presence: "not-read" })).toEqual(["5", ""]);
    expect(standingOf(account("4", null), new Set())).toBe("not-read");
  });

  test("a contested owner is known where a team is kept", () => {
    expect(found({ owner: "known" })).toEqual(["1", "2"]);
    expect(found({ owner: "contested" })).toEqual(["2"]);
    expect(found({ owner: "nobody" })).toEqual(["3", "4", "5", ""]);
  });

  test("text is looked for in name, id, mail and owner, whatever its case", () => {
    expect(found({ find: " NAME-4 " })).toEqual(["4"]);
    expect(found({ find: "1@example" })).toEqual(["1"]);
    expect(found({ find: "Pricing" })).toEqual(["2"]);
  });

  test("filters narrow each other", () => {
    expect(found({ state: "inactive", owner: "known", unit: "root" })).toEqual(["2"]);
  });
});

describe("countAccounts", () => {
  test("an account with cost in two currencies is one account, and its cost is told by currency", () => {
    const twice = account("2", { unitId: "sandbox", state: "SUSPENDED" }, { amount: "4" });
    const counts = countAccounts([section(ROWS), section([twice], "EUR")]);
    expect(counts.accounts).toBe(5);
    expect(counts.inactiveSpending).toEqual({
      accounts: 1,
      amounts: [
        { currency: "USD", amount: "2.5" },
        { currency: "EUR", amount: "4" },
      ],
    });
  });

  test("cost that names no account is not counted as one", () => {
    const counts = countAccounts([section(ROWS)]);
    expect(counts).toMatchObject({ accounts: 5, owned: 2, inactive: 2, costOnly: 1, organisationOnly: 1, notRead: 1 });
  });
});
