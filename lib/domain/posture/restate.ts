import type { Verdict } from "#lib/domain/posture/verdict.ts";

/** What is said of one resource over one stretch of time. Instants are milliseconds. `cell` is opaque: rule, owner and place. */
export type Said = { verdict: Verdict; note: string | null; evidence: string | null; cell: number };

/** A stretch as it is stored: `[from, to)`, null = open. `heldFrom` is since when the verdict has been the same without a break. */
export type Stretch = Said & { id: string; from: number; to: number | null; heldFrom: number };

/** What a source hands in about the same resource, of the past or open. */
export type Handed = Said & { from: number; to: number | null };

export type Restated = {
  /** Stored stretches that are taken back: they were said wrongly. */
  retired: string[];
  /** Stored stretches that simply end at the instant. */
  closed: string[];
  added: Omit<Stretch, "id">[];
};

/**
 * Lays what a source hands in at `at` over what is stored, and says what has to change so that both what was known and what is known can be
 * told. Where it says the same verdict as what is stored, that stays as it is, with its owner and evidence; where it says another one, the
 * owner and place of that time stay if they are known. From `at` on the open piece holds, or nothing. Nothing handed in may lie after `at`,
 * and no two pieces of it may overlap.
 */
export function restate(stored: readonly Stretch[], handed: readonly Handed[], at: number): Restated {
  const pieces = joined(finalPieces(stored, handed, at));
  const kept = new Set<number>();
  const retired: string[] = [];
  const closed: string[] = [];
  for (const stretch of stored) {
    const index = pieces.findIndex((piece) => piece.from === stretch.from && isSame(piece, stretch));
    const piece = pieces[index];
    if (piece && piece.to === stretch.to) kept.add(index);
    else if (piece && stretch.to === null && piece.to === at) {
      kept.add(index);
      closed.push(stretch.id);
    } else retired.push(stretch.id);
  }
  return { retired, closed, added: pieces.filter((_, index) => !kept.has(index)) };
}

type Piece = Omit<Stretch, "id">;

/** The new line of time, cut wherever anything begins or ends, without `heldFrom` yet. */
function finalPieces(stored: readonly Stretch[], handed: readonly Handed[], at: number): Piece[] {
  const cuts = new Set<number>([at]);
  for (const { from, to } of [...stored, ...handed]) {
    cuts.add(from);
    if (to !== null) cuts.add(to);
  }
  const instants = [...cuts].toSorted((one, other) => one - other);
  return instants.flatMap((from, index): Piece[] => {
    const to = instants[index + 1] ?? null;
    const was = stored.find((stretch) => covers(stretch, from));
    const said = handed.find((piece) => covers(piece, from));
    // Nothing that is handed in ends after the instant, so that what covers it is open.
    // From now on the newest word counts whole: its note, its evidence and today's owner.
    if (from >= at) return said ? [{ ...contentOf(said), from, to, heldFrom: from }] : [];
    if (!said) return was ? [{ ...contentOf(was), from, to, heldFrom: from }] : [];
    if (was && was.verdict === said.verdict) return [{ ...contentOf(was), from, to, heldFrom: from }];
    return [{ ...contentOf(said), cell: (was ?? said).cell, from, to, heldFrom: from }];
  });
}

/** Neighbours that say the same become one, and each gets to know since when its verdict has been the same. */
function joined(pieces: readonly Piece[]): Piece[] {
  const line: Piece[] = [];
  for (const piece of pieces) {
    const last = line.at(-1);
    const isNeighbour = last !== undefined && last.to === piece.from;
    const heldFrom = isNeighbour && last.verdict === piece.verdict ? last.heldFrom : piece.from;
    if (isNeighbour && hasSameContent(last, piece)) last.to = piece.to;
    else line.push({ ...piece, heldFrom });
  }
  return line;
}

function covers({ from, to }: { from: number; to: number | null }, instant: number): boolean {
  return from <= instant && (to === null || to > instant);
}

function contentOf({ verdict, note, evidence, cell }: Said): Said {
  return { verdict, note, evidence, cell };
}

function hasSameContent(one: Said, other: Said): boolean {
  return (
    one.verdict === other.verdict &&
    one.note === other.note &&
    one.evidence === other.evidence &&
    one.cell === other.cell
  );
}

function isSame(piece: Piece, stretch: Stretch): boolean {
  return hasSameContent(piece, stretch) && piece.heldFrom === stretch.heldFrom;
}
