import type { NumberSheet } from "#lib/db/posture/number-sheet.ts";

type IndexedBy = "partKey" | "teamKey" | "accountId" | "clusterKey";
/** The rows of a sheet by cell: those of the cell at a place are `rows[starts[place]]` to `rows[starts[place + 1]]` without it, in the order of time. */
export type CellRows = { starts: Int32Array; rows: Int32Array };

type SheetIndex = {
  rows: CellRows;
  /** Places of cells by what they are of. */
  places: Map<IndexedBy, Map<string, number[]>>;
};

// Sheets do not change, and questions about a few parts or accepted risks come with every posture.
const indexes = new WeakMap<NumberSheet, SheetIndex>();

export function rowsByCell(sheet: NumberSheet): CellRows {
  return indexOf(sheet).rows;
}

/** Places of the cells that are of one part ("source part"), team, account or cluster. */
export function cellsOf(sheet: NumberSheet, by: IndexedBy, value: string): readonly number[] {
  const { places } = indexOf(sheet);
  let own = places.get(by);
  if (!own) {
    places.set(by, (own = new Map<string, number[]>()));
    for (const [place, cell] of sheet.cells.entries()) {
      const others = own.get(cell[by]);
      if (others) others.push(place);
      else own.set(cell[by], [place]);
    }
  }
  return own.get(value) ?? NONE;
}

const NONE: readonly number[] = [];

function indexOf(sheet: NumberSheet): SheetIndex {
  let index = indexes.get(sheet);
  if (!index) indexes.set(sheet, (index = { rows: sortByCell(sheet), places: new Map() }));
  return index;
}

function sortByCell({ cell, cells }: NumberSheet): CellRows {
  const starts = new Int32Array(cells.length + 1);
  for (let row = 0; row < cell.length; row += 1) {
    const place = cell[row] ?? 0;
    starts[place + 1] = (starts[place + 1] ?? 0) + 1;
  }
  for (let place = 0; place < cells.length; place += 1)
    starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0);
  const rows = new Int32Array(cell.length);
  const next = starts.slice();
  for (let row = 0; row < cell.length; row += 1) {
    const place = cell[row] ?? 0;
    const at = next[place] ?? 0;
    rows[at] = row;
    next[place] = at + 1;
  }
  return { starts, rows };
}
