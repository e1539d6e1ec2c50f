import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";

type IndexedBy = "partKey" | "teamKey" | "accountId" | "clusterKey";
/** The rows of a block by cell: those of the cell at a place are `rows[starts[place]]` to `rows[starts[place + 1]]` without it, in the order of time. */
export type CellRows = { starts: Int32Array; rows: Int32Array };

type BlockIndex = {
  rows: CellRows;
  /** Places of cells by what they are of. */
  places: Map<IndexedBy, Map<string, number[]>>;
};

// Blocks do not change, and questions about a few parts or accepted risks come with every posture.
const indexes = new WeakMap<NumberBlock, BlockIndex>();

export function rowsByCell(block: NumberBlock): CellRows {
  return indexOf(block).rows;
}

/** Places of the cells that are of one part ("source part"), team, account or cluster. */
export function cellsOf(block: NumberBlock, by: IndexedBy, value: string): readonly number[] {
  const { places } = indexOf(block);
  let own = places.get(by);
  if (!own) {
    places.set(by, (own = new Map<string, number[]>()));
    for (const [place, cell] of block.cells.entries()) {
      const others = own.get(cell[by]);
      if (others) others.push(place);
      else own.set(cell[by], [place]);
    }
  }
  return own.get(value) ?? NONE;
}

const NONE: readonly number[] = [];

function indexOf(block: NumberBlock): BlockIndex {
  let index = indexes.get(block);
  if (!index) indexes.set(block, (index = { rows: sortByCell(block), places: new Map() }));
  return index;
}

function sortByCell({ cell, cells }: NumberBlock): CellRows {
  const starts = new Int32Array(cells.length + 1);
  for (const place of cell) starts[place + 1] = (starts[place + 1] ?? 0) + 1;
  for (let place = 0; place < cells.length; place += 1)
    starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0);
  const rows = new Int32Array(cell.length);
  const next = starts.slice();
  for (const [row, place] of cell.entries()) {
    const at = next[place] ?? 0;
    rows[at] = row;
    next[place] = at + 1;
  }
  return { starts, rows };
}
