import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addAmounts } from "#lib/domain/money.ts";
import { accountTree, allBranches, treeLines, type TreeOrder } from "#app/(dashboard)/spend/accounts/account-tree.ts";
import { account, owned, UNITS } from "#test/unit/accounts/account-rows.ts";
import { amountArbitrary } from "#test/unit/domain/arbitraries.ts";

const READ = new Set(["AWS"]);
const AS_GIVEN: TreeOrder = () => 0;

describe("accountTree", () => {
  test("a unit holds what is below it, and units without an account are left out", () => {
    const [root] = accountTree(
      [
        account("1", { unitId: "prod" }, { amount: "3", owner: owned("claims") }),
        account("2", { unitId: "root" }, { amount: "0.5" }),
      ],
      UNITS,
      READ,
    );
    expect(root).toMatchObject({ key: "root", accounts: 2, owned: 1, amount: "3.5" });
    expect(root?.children.map(({ key, path }) => [key, path.join(" / ")])).toEqual([["work", "WORK"]]);
    expect(root?.children[0]?.children[0]).toMatchObject({ key: "prod", path: ["WORK", "PROD"], amount: "3" });
  });

  test("accounts of no unit stand by provider, and whether that is wrong depends on what was read", () => {
    const tree = accountTree(
      [
        account("1", null, { amount: "2" }),
        account("2", null, { provider: "Microsoft" }),
        account("", null, { provider: "", amount: "-1" }),
      ],
      UNITS,
      READ,
    );
    expect(tree.map(({ label, accounts }) => [label, accounts])).toEqual([
      ["AWS, not in the organisation", 1],
      ["Microsoft, no organisation read", 1],
      ["Cost that names no account", 0],
    ]);
  });

  test("an account of a unit that is not listed is kept", () => {
    const tree = accountTree([account("1", { unitId: "gone" })], UNITS, READ);
    expect(tree.flatMap(({ rows }) => rows)).toHaveLength(1);
  });

  test("sparks are added bucket by bucket, and a bucket of which nothing is known stays a gap", () => {
    const [root] = accountTree(
      [
        account("1", { unitId: "root" }, { spark: ["1", null, null] }),
        account("2", { unitId: "root" }, { spark: ["2", "5", null] }),
      ],
      UNITS,
      READ,
    );
    expect(root?.spark).toEqual(["3", "5", null]);
  });

  test("whatever the accounts and units, the tops add up to all accounts and no account is lost", () => {
    const rows = fc.array(
      fc.record({ amount: amountArbitrary, place: fc.constantFrom("root", "work", "prod", "sandbox", "gone", null) }),
    );
    fc.assert(
      fc.property(rows, (drawn) => {
        const given = drawn.map(({ amount, place }, index) =>
          account(String(index), place === null ? null : { unitId: place }, { amount }),
        );
        const tree = accountTree(given, UNITS, READ);
        expect(addAmounts(tree.map(({ amount }) => amount))).toBe(addAmounts(given.map(({ amount }) => amount)));
        expect(allBranches(tree).flatMap((branch) => branch.rows)).toHaveLength(given.length);
      }),
    );
  });
});

describe("treeLines", () => {
  const tree = accountTree(
    [account("1", { unitId: "root" }), account("2", { unitId: "prod" }), account("3", { unitId: "prod" })],
    UNITS,
    READ,
  );
  const lines = (closed: string[], shown = 9) =>
    treeLines(tree, { isOpen: (key) => !closed.includes(key), order: AS_GIVEN, shownOf: () => shown }).map((line) =>
      line.kind === "account" ? `${line.depth} ${line.row.accountId}` : `${line.depth} ${line.kind} ${line.branch.key}`,
    );

  test("below an open unit stand its units and then its accounts", () => {
    expect(lines([])).toEqual(["0 unit root", "1 unit work", "2 unit prod", "3 2", "3 3", "1 1"]);
  });

  test("a closed unit hides everything below it", () => {
    expect(lines(["work"])).toEqual(["0 unit root", "1 unit work", "1 1"]);
  });

  test("accounts beyond what is drawn of a unit are told of, not cut silently", () => {
    expect(lines([], 1)).toEqual(["0 unit root", "1 unit work", "2 unit prod", "3 2", "3 more prod", "1 1"]);
  });
});
