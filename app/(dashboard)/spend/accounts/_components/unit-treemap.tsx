import { hierarchy, treemap, treemapSquarify, type HierarchyRectangularNode } from "d3-hierarchy";
import Link from "next/link";
import { colourSlots } from "#lib/charts/colours.ts";
import { toTreemap, type TreemapNode } from "#lib/charts/treemap.ts";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import { sharePercent } from "#lib/domain/change.ts";
import { slotColour } from "#app/_components/charts/slot-colour.ts";
import { accountKey } from "#app/(dashboard)/spend/accounts/accounts-state.ts";
import type { UnitBranch } from "#app/(dashboard)/spend/accounts/account-tree.ts";

/** The map is laid out on this grid and stretched to its place, which is as high as here and as wide as the page. */
const GRID = { width: 1200, height: 320 };

/** On a narrow screen only units are drawn: accounts could neither be read nor hit. */
const NARROW_GRID = { width: 360, height: 224 };

/** A unit's name takes this much of its height; a unit that is hardly higher goes without. */
const HEAD = 20;
const LEAST_WITH_HEAD = 48;

/** Areas are rather wide than high, so that a name on one line fits. */
const LABEL_RATIO = 2.2;

/** What is written in an area stands there only where it can be read. */
const NAME = "hidden [@container_(min-width:3rem)_and_(min-height:1.5rem)]:block";
const AMOUNT = "hidden [@container_(min-width:3.75rem)_and_(min-height:2.5rem)]:block";

type UnitTreemapProps = {
  branches: readonly UnitBranch[];
  currency: string;
  /** Where an account leads to, by `accountKey`. */
  hrefOf: (account: string) => string;
  /** Where a unit leads to, by its key. */
  unitHrefOf: (unit: string) => string;
};

/** Areas by amount, accounts within the unit that they are in. The table below holds the same for screen readers. */
export function UnitTreemap({ branches, currency, hrefOf, unitHrefOf }: UnitTreemapProps) {
  const rows = branches.flatMap((branch) =>
    branch.rows
      .filter(({ presence }) => presence !== "organisation-only")
      .map((row) => ({
        path: [
          { key: branch.key, label: branch.path.join(" / ") },
          { key: accountKey(row), label: row.name || row.accountId },
        ],
        amount: row.amount,
      })),
  );
  const { nodes, total, notDrawn } = toTreemap(rows);
  if (nodes.length === 0) return null;
  const slots = colourSlots(nodes.map(({ key }) => key));
  return (
    <figure aria-label={`Accounts by unit as areas, ${currency}`}>
      <div className="relative h-56 w-full sm:hidden">
        {placed(nodes, NARROW_GRID).map((unit) => (
          <Area
            key={unit.data.key ?? "rest"}
            leaf={unit}
            grid={NARROW_GRID}
            colour={slotColour(slots.get(unit.data.key))}
            total={total}
            currency={currency}
            href={unit.data.key === null ? undefined : unitHrefOf(unit.data.key)}
          />
        ))}
      </div>
      <div className="relative hidden h-80 w-full sm:block">
        {placed(nodes, GRID).map((unit) => {
          const height = unit.y1 - unit.y0;
          const head = height >= LEAST_WITH_HEAD ? HEAD : 0;
          const colour = slotColour(slots.get(unit.data.key));
          const children = unit.data.children.length > 0 ? unit.data.children : [unit.data];
          const inner = { width: unit.x1 - unit.x0, height: height - head };
          return (
            <div
              key={unit.data.key ?? "rest"}
              style={placeIn(unit, GRID)}
              className="absolute flex flex-col overflow-hidden"
            >
              {head === 0 ? null : (
                <UnitHead node={unit.data} colour={colour} total={total} currency={currency} href={unitHrefOf} />
              )}
              <div className="relative min-h-0 flex-1">
                {placed(children, inner).map((leaf) => (
                  <Area
                    key={leaf.data.key ?? "rest"}
                    leaf={leaf}
                    grid={inner}
                    colour={colour}
                    total={total}
                    currency={currency}
                    href={leaf.data.key === null ? undefined : hrefOf(leaf.data.key)}
                  />
                ))}
              </div>
            </div>
          );
        })}
      </div>
      {notDrawn.rows === 0 ? null : (
        <figcaption className="mt-1 text-xs text-soft">
          Not drawn, because an area cannot be zero or negative: {notDrawn.rows}{" "}
          {notDrawn.rows === 1 ? "account" : "accounts"} with {formatAmount(notDrawn.amount, currency)} {currency}.
        </figcaption>
      )}
    </figure>
  );
}

type Grid = { width: number; height: number };
type Placed = HierarchyRectangularNode<TreemapNode>;

function placed(nodes: readonly TreemapNode[], grid: Grid): Placed[] {
  const root: TreemapNode = { key: null, label: "", amount: "0", weight: 0, children: [...nodes] };
  const sized = hierarchy(root, (node) => (node === root ? node.children : undefined)).sum((node) => node.weight);
  const { children = [] } = treemap<TreemapNode>()
    .size([grid.width, grid.height])
    .tile(treemapSquarify.ratio(LABEL_RATIO))
    .paddingInner(2)(sized);
  return children;
}

function placeIn(node: Placed, grid: Grid) {
  const percent = (value: number, whole: number): string => `${((value / whole) * 100).toFixed(4)}%`;
  return {
    left: percent(node.x0, grid.width),
    top: percent(node.y0, grid.height),
    width: percent(node.x1 - node.x0, grid.width),
    height: percent(node.y1 - node.y0, grid.height),
  };
}

type HeadProps = { node: TreemapNode; colour: string; total: string; currency: string; href: (unit: string) => string };

function UnitHead({ node, colour, total, currency, href }: HeadProps) {
  const share = sharePercent(node.amount, total);
  const body = (
    <>
      <span aria-hidden className="size-2 shrink-0 rounded-sm" style={{ background: colour }} />
      <span className="truncate font-medium">{node.label}</span>
      {share === null ? null : <span className="shrink-0 text-soft">{share} %</span>}
    </>
  );
  const className = "flex h-5 shrink-0 items-center gap-1 overflow-hidden text-xs";
  const title = `${node.label}: ${formatExact(node.amount, currency)} ${currency}`;
  if (node.key === null || node.children.length === 0)
    return (
      <span className={className} title={title}>
        {body}
      </span>
    );
  return (
    <Link
      href={href(node.key)}
      prefetch={false}
      scroll={false}
      title={title}
      className={`${className} hover:text-accent`}
    >
      {body}
    </Link>
  );
}

type AreaProps = {
  leaf: Placed;
  grid: Grid;
  colour: string;
  total: string;
  currency: string;
  href: string | undefined;
};

function Area({ leaf, grid, colour, total, currency, href }: AreaProps) {
  const { label, amount } = leaf.data;
  const share = sharePercent(amount, total);
  const words = `${label}: ${formatExact(amount, currency)} ${currency}${share === null ? "" : `, ${share} %`}`;
  const body = (
    <>
      <span aria-hidden className="absolute inset-x-0 top-0 h-1" style={{ background: colour }} />
      <span className={`${NAME} truncate px-1 pt-1.5 text-xs leading-tight`}>{label}</span>
      <span className={`${AMOUNT} truncate px-1 text-xs leading-tight text-soft`}>
        {formatAmount(amount, currency)}
      </span>
    </>
  );
  const className = "treemap-cell absolute overflow-hidden bg-hover";
  if (href === undefined)
    return (
      <span title={words} style={placeIn(leaf, grid)} className={className}>
        {body}
      </span>
    );
  return (
    <Link
      href={href}
      prefetch={false}
      scroll={false}
      title={words}
      style={placeIn(leaf, grid)}
      className={`${className} hover:bg-accent-soft`}
    >
      <span className="sr-only">{words}</span>
      <span aria-hidden>{body}</span>
    </Link>
  );
}
