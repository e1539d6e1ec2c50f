import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import Link from "next/link";
import { colourSlots } from "#lib/charts/colours.ts";
import { toTreemap, type TreemapNode, type TreemapRow } from "#lib/charts/treemap.ts";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import { sharePercent } from "#lib/domain/change.ts";
import { slotColour } from "#app/_components/charts/slot-colour.ts";

/** The map is laid out on this grid and stretched to its place; squares stay about square at the usual width. */
const GRID = { width: 1000, height: 420 };

/** Areas by amount, each a way down. The table beside it holds the same rows for screen readers. */
export function Treemap({
  rows,
  currency,
  hrefs,
}: {
  rows: readonly TreemapRow[];
  currency: string;
  hrefs: Record<string, string>;
}) {
  const { nodes, total, notDrawn } = toTreemap(rows);
  const root: TreemapNode = { key: null, label: "", amount: total, weight: 0, children: nodes };
  const sized = hierarchy(root, (node) => (node.children.length > 0 ? node.children : undefined)).sum((node) =>
    node.children.length > 0 ? 0 : node.weight,
  );
  const placed = treemap<TreemapNode>()
    .size([GRID.width, GRID.height])
    .tile(treemapSquarify.ratio(1.4))
    .paddingInner(2)(sized);
  const slots = colourSlots(nodes.map(({ key }) => key));
  return (
    <figure aria-label={`Treemap, ${currency}`}>
      <div className="relative min-h-80 w-full" style={{ aspectRatio: `${GRID.width} / ${GRID.height}` }}>
        {placed.leaves().map((leaf) => {
          const outer = leaf.ancestors().at(-2)?.data ?? leaf.data;
          const { label, amount, key } = leaf.data;
          const share = sharePercent(amount, total);
          const words = `${label}: ${formatExact(amount, currency)} ${currency}${share === null ? "" : `, ${share} %`}`;
          const width = leaf.x1 - leaf.x0;
          const height = leaf.y1 - leaf.y0;
          const body = (
            <>
              <span
                aria-hidden
                className="absolute inset-x-0 top-0 h-1"
                style={{ background: slotColour(slots.get(outer.key)) }}
              />
              <span className="treemap-label px-1.5 pt-2 text-xs leading-tight">
                <span className="line-clamp-2 font-medium break-words">{label}</span>
                <span className="treemap-amount text-soft">{formatAmount(amount, currency)}</span>
              </span>
            </>
          );
          const place = {
            left: `${(leaf.x0 / GRID.width) * 100}%`,
            top: `${(leaf.y0 / GRID.height) * 100}%`,
            width: `${(width / GRID.width) * 100}%`,
            height: `${(height / GRID.height) * 100}%`,
          };
          const href = key === null ? undefined : hrefs[key];
          const className = "treemap-cell absolute overflow-hidden bg-hover";
          return href === undefined ? (
            <span key={`${outer.key ?? ""}/${key ?? "rest"}`} title={words} style={place} className={className}>
              {body}
            </span>
          ) : (
            <Link
              key={`${outer.key ?? ""}/${key ?? "rest"}`}
              href={href}
              prefetch={false}
              title={words}
              style={place}
              className={`${className} hover:bg-accent-soft`}
            >
              <span className="sr-only">{words}</span>
              <span aria-hidden>{body}</span>
            </Link>
          );
        })}
      </div>
      {notDrawn.rows === 0 ? null : (
        <figcaption className="mt-2 text-xs text-soft">
          Not drawn, because an area cannot be zero or negative: {notDrawn.rows} rows with{" "}
          {formatAmount(notDrawn.amount, currency)} {currency} together.
        </figcaption>
      )}
    </figure>
  );
}
