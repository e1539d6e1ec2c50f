import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";

type IndexedBy = "partKey" | "teamKey" | "accountId" | "clusterKey";
type BlockIndex = {
  /** The rows of each cell in the order of time, by the cell's place. */
  rows: number[][];
  /** Places of cells by what they are of. */
  places: Map<IndexedBy, Map<string, number[]>>;
};

// Blocks do not change, and questions about a few parts or accepted risks come with every posture.
const indexes = new WeakMap<NumberBlock, BlockIndex>();

/** The rows of each cell of a block in the order of time, by the cell's place. */
export function rowsByCell(block: NumberBlock): readonly (readonly number[])[] {
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
  if (index) return index;
  const rows: number[][] = block.cells.map(() => []);
  for (const [row, place] of block.cell.entries()) rows[place]?.push(row);
  indexes.set(block, (index = { rows, places: new Map() }));
  return index;
}
