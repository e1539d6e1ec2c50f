import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toTreemap, type TreemapNode } from "#lib/charts/treemap.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { amountArbitrary } from "#test/unit/domain/arbitraries.ts";

function row(path: string, amount: string) {
  return { path: path.split("/").map((key) => ({ key, label: key.toUpperCase() })), amount };
}

describe("toTreemap", () => {
  test("nests rows by their path, largest first, and adds rows of the same path", () => {
    const { nodes, total } = toTreemap([row("x/a", "1"), row("y/b", "3"), row("x/c", "1.5"), row("x/c", "2.5")]);
    expect(total).toBe("8");
    expect(nodes.map(({ key, label, amount, weight }) => ({ key, label, amount, weight }))).toEqual([
      { key: "x", label: "X", amount: "5", weight: 0.625 },
      { key: "y", label: "Y", amount: "3", weight: 0.375 },
    ]);
    expect(nodes[0]?.children.map(({ key, amount }) => [key, amount])).toEqual([
      ["c", "4"],
      ["a", "1"],
    ]);
  });

  test("what is not above zero is not drawn, and said so", () => {
    const { nodes, notDrawn } = toTreemap([row("a", "5"), row("b", "-2"), row("c", "0"), row("d", "-0.5")]);
    expect(nodes.map(({ key }) => key)).toEqual(["a"]);
    expect(notDrawn).toEqual({ rows: 3, amount: "-2.5" });
  });

  test("beyond the limit the smallest stand together", () => {
    const { nodes } = toTreemap([row("x/a", "5"), row("x/b", "2"), row("y/c", "1")], 1);
    expect(nodes.map(({ key, amount }) => [key, amount])).toEqual([
      ["x", "5"],
      [null, "3"],
    ]);
  });

  test("nothing to draw is no node", () => {
    expect(toTreemap([row("a", "0")])).toEqual({ nodes: [], total: "0", notDrawn: { rows: 1, amount: "0" } });
  });

  test("drawn and not drawn are all there is, at every level", () => {
    const rowsArbitrary = fc.array(
      fc
        .tuple(fc.constantFrom("x/a", "x/b", "y/a", "y/c", "z/d", "z/e"), amountArbitrary)
        .map(([path, amount]) => row(path, amount)),
    );
    fc.assert(
      fc.property(rowsArbitrary, fc.integer({ min: 1, max: 6 }), (rows, limit) => {
        const { nodes, total, notDrawn } = toTreemap(rows, limit);
        expect(
          decimal(total)
            .plus(notDrawn.amount)
            .equals(sum(rows.map(({ amount }) => amount))),
        ).toBe(true);
        const addsUp = (children: TreemapNode[], amount: string): void => {
          if (children.length === 0) return;
          expect(toAmount(sum(children.map((child) => child.amount)))).toBe(amount);
          for (const child of children) addsUp(child.children, child.amount);
        };
        addsUp(nodes, total);
      }),
    );
  });
});
