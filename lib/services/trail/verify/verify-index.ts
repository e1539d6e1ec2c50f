import type { SqlExecutor } from "#lib/db/activity.ts";
import type { OpenRows } from "#lib/db/open-rows.ts";
import { readEventRange, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { openPlaces, readOpenBlock, type StoredPlaces } from "#lib/db/trail/stored-places.ts";
import { dayOf, EVERY_EVENT, startOfDay, termHash, type TermSource } from "#lib/domain/trail/event-terms.ts";
import { BLOCK_ENTRIES, blockOf, isMap, unpackPlaces } from "#lib/domain/trail/places.ts";
import { indexTerms, isIndexed, type BatchTerms } from "#lib/services/trail/append/index-terms.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import type { DerivedCheck, Findings, TrailDamage } from "#lib/services/trail/verify/trail-damage.ts";
import { termsOf, watchWords } from "#lib/services/trail/verify/verify-words.ts";

/** A term on a day, the places of the entries that have it, and what the index has of it. `isBroken`: there is a row that nothing was ever packed into. */
type Found = { term: number; day: number; places: number[]; stored: number[]; isBroken: boolean };
type IndexedEvent = TermSource & Pick<StoredEvent, "seq" | "occurredAt">;
/** The entries of one block: those that have terms, by day the places of all, and those that are damage themselves. */
type Block = { block: number; indexed: IndexedEvent[]; every: Map<number, number[]>; damaged: Set<number> };

/** Entries that one message names. */
const MOST_NAMED = 5;
const EVERY = termHash(sha256Hex, EVERY_EVENT);

/**
 * Computes anew which entries have which terms, block by block, and compares that with the places that searches read; then the words in which parts of words are
 * looked for. One block is in memory.
 */
export async function watchIndex(sql: SqlExecutor, findings: Findings): Promise<DerivedCheck> {
  const rows = await openPlaces(sql);
  const words = watchWords(sql, findings);
  let own = emptyBlock(0);
  const finish = async () => {
    const terms = indexTerms(sha256Hex, own.indexed);
    await words.pass(terms.words, own.indexed);
    for (const found of await differingTerms(rows, own, terms, findings)) await addFound(sql, own, found, findings);
    own = emptyBlock(own.block + 1);
  };
  return {
    async pass({ to, sound, damaged }) {
      for (const event of sound) {
        if (isIndexed(event)) own.indexed.push(indexedPart(event));
        const day = dayOf(event.occurredAt);
        const places = own.every.get(day) ?? [];
        own.every.set(day, places);
        places.push(event.seq % BLOCK_ENTRIES);
      }
      for (const seq of damaged) own.damaged.add(seq);
      if (to % BLOCK_ENTRIES === 0) await finish();
    },
    async end(entries) {
      await finish();
      await rows.each(
        () => true,
        (row) => addStray(row, own.damaged, findings),
      );
      await rows.close();
      await words.end();
      await compareState(sql, entries, findings);
    },
  };
}

function emptyBlock(block: number): Block {
  return { block, indexed: [], every: new Map(), damaged: new Set() };
}

/** Without its record, of which a block has too many. */
function indexedPart(event: StoredEvent): IndexedEvent {
  const { seq, occurredAt, actor, action, verbClass, outcome, resource, accountId, clusterKey } = event;
  const { namespace, sourceKey, person, mfa } = event;
  const where = { accountId, clusterKey, namespace, sourceKey };
  return { seq, occurredAt, actor, action, verbClass, outcome, resource, ...where, person, mfa };
}

/** The terms of a block of which the index does not have what it should. Both are in order of terms and days. */
async function differingTerms(
  rows: OpenRows<StoredPlaces>,
  { block, indexed, every, damaged }: Block,
  { terms, days, ends, indexes }: BatchTerms,
  findings: Findings,
): Promise<Found[]> {
  const differing: Found[] = [];
  const compare = (found: Pick<Found, "term" | "day" | "places">, pieces: readonly StoredPlaces[]) => {
    const read = readPieces(pieces);
    if (read.isBroken || !isSame(found.places, read.stored)) differing.push({ ...found, ...read });
  };
  let [n, pieces]: [number, StoredPlaces[]] = [0, []];
  const next = () => {
    const [term = 0, day = 0] = [terms[n], days[n]];
    const own = indexes.subarray(n === 0 ? 0 : ends[n - 1], ends[n]);
    // What was dropped is found by time alone, so that this term is compared with all of the day.
    if (term !== EVERY && !isPlainList(own, indexed, pieces))
      compare({ term, day, places: Array.from(own, (index) => (indexed[index]?.seq ?? 0) % BLOCK_ENTRIES) }, pieces);
    n++;
    pieces = [];
  };
  const ofEvery = new Map<number, StoredPlaces[]>();
  await rows.each(
    (row) => row.block <= block,
    (row) => {
      if (row.block === block && row.term === EVERY && every.has(row.day))
        return void ofEvery.set(row.day, [...(ofEvery.get(row.day) ?? []), row]);
      if (row.block < block) return addStray(row, damaged, findings);
      while (n < terms.length && isBefore(terms[n], days[n], row)) next();
      if (terms[n] === row.term && days[n] === row.day && row.term !== EVERY) pieces.push(row);
      else addStray(row, damaged, findings);
    },
  );
  while (n < terms.length) next();
  for (const [day, places] of every) compare({ term: EVERY, day, places }, ofEvery.get(day) ?? []);
  return differing;
}

function isBefore(term = 0, day = 0, row: StoredPlaces): boolean {
  return term < row.term || (term === row.term && day < row.day);
}

/** Most terms of a block have one short list. */
function isPlainList(own: Uint32Array, indexed: readonly IndexedEvent[], pieces: readonly StoredPlaces[]): boolean {
  const [{ count, bytes } = { count: 0, bytes: new Uint8Array() }, ...others] = pieces;
  if (others.length > 0 || count !== own.length || bytes.length !== count * 2) return false;
  for (let at = 0; at < own.length; at++) {
    const place = (indexed[own[at] ?? 0]?.seq ?? 0) % BLOCK_ENTRIES;
    if ((((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)) !== place) return false;
  }
  return true;
}

function readPieces(pieces: readonly StoredPlaces[]): Pick<Found, "stored" | "isBroken"> {
  const stored: number[] = [];
  let isBroken = false;
  for (const piece of pieces) {
    const places = unpacked(piece);
    isBroken ||= places === null;
    // One more than there can be says as much as all of them.
    if (stored.length <= BLOCK_ENTRIES) stored.push(...(places ?? []));
  }
  return { stored, isBroken };
}

/** The places of a row; null where nothing that Bursar writes reads like it. */
function unpacked(row: StoredPlaces): number[] | null {
  const { count, bytes } = row;
  if (count < 1 || bytes.length !== (isMap(row) ? BLOCK_ENTRIES / 8 : count * 2)) return null;
  const places = unpackPlaces(row);
  return places.length === count && places.every((place) => place < BLOCK_ENTRIES) ? places : null;
}

/** A row of a term and day that no entry of its block has. */
function addStray(row: StoredPlaces, damaged: ReadonlySet<number>, findings: Findings): void {
  const { term, day, block } = row;
  const places = unpacked(row);
  const seqs = (places ?? []).map((place) => block * BLOCK_ENTRIES + place).filter((seq) => !damaged.has(seq));
  const what = `the term number ${term} on ${dayText(day)}`;
  if (places === null)
    findings.add(indexDamage(null, `What the index has in block ${block} of ${what} cannot be read.`));
  else if (seqs.length > 0)
    findings.add(indexDamage(seqs[0] ?? null, `${areFoundBy(seqs)} ${what}, which no entry around has.`));
}

/** Tells what is wrong with what the index has of a term. */
async function addFound(
  sql: SqlExecutor,
  { block, damaged }: Block,
  { term, day, places, stored, isBroken }: Found,
  findings: Findings,
): Promise<void> {
  const [should, is] = [new Set(places), new Set(stored)];
  const without = (all: Iterable<number>, others: ReadonlySet<number>) =>
    [...all]
      .filter((place) => !others.has(place))
      .toSorted((a, b) => a - b)
      .map((place) => block * BLOCK_ENTRIES + place);
  const lacking = without(should, is);
  const added = without(is, should).filter((seq) => !damaged.has(seq));
  const isDoubled = stored.length > is.size;
  if (lacking.length + added.length === 0 && !isDoubled && !isBroken) return;
  // Only what will be read is worth a look at the entry.
  const name = findings.isFull() ? "" : await nameOf(sql, term, block * BLOCK_ENTRIES + (places[0] ?? 0));
  const what = `${name} on ${dayText(day)}`;
  const add = (seq: number | undefined, message: string) => findings.add(indexDamage(seq ?? null, message));
  if (isBroken) add(lacking[0], `What the index has in block ${block} of ${what} cannot be read.`);
  else if (lacking.length > 0) add(lacking[0], `${areFoundBy(lacking, "not ")} ${what}.`);
  if (added.length > 0) add(added[0], `${areFoundBy(added)} ${what}, which is not theirs.`);
  if (isDoubled) add(undefined, `The index has entries of block ${block} twice for ${what}.`);
}

function isSame(places: readonly number[], stored: readonly number[]): boolean {
  if (places.length !== stored.length) return false;
  if (places.every((place, n) => place === stored[n])) return true;
  // Pieces come in no order, and so do dropped entries among others.
  const [one, other] = [Uint16Array.from(places).sort(), Uint16Array.from(stored).sort()];
  return one.every((place, n) => place === other[n]);
}

/** What people call a term, by an entry that has it. */
async function nameOf(sql: SqlExecutor, term: number, seq: number): Promise<string> {
  const [event] = await readEventRange(sql, seq, seq + 1);
  const name = event && termsOf(event).find((text) => termHash(sha256Hex, text) === term);
  return name === undefined ? `the term number ${term}` : name === EVERY_EVENT ? "their time" : `"${name}"`;
}

/** Blocks before the one that is said to be the last are taken to be finished, and are not read again by whoever remembers them. */
async function compareState(sql: SqlExecutor, entries: number, findings: Findings): Promise<void> {
  const open = await readOpenBlock(sql);
  if (open === null) findings.add(indexDamage(null, "The index does not say how far it goes: searches find nothing."));
  else if (open > blockOf(entries))
    findings.add(
      indexDamage(null, `The index says that it goes up to block ${open}; the log ends in block ${blockOf(entries)}.`),
    );
}

function indexDamage(seq: number | null, message: string): TrailDamage {
  return { kind: "index", seq, message };
}

/** "Entry 3 is found by", "Entries 3, 4, 5, 6, 7 and 20 more are found by". */
function areFoundBy(seqs: readonly number[], not = ""): string {
  const rest = seqs.length - MOST_NAMED;
  const named = seqs.slice(0, MOST_NAMED).join(", ");
  if (seqs.length === 1) return `Entry ${named} is ${not}found by`;
  return `Entries ${named}${rest > 0 ? ` and ${rest} more` : ""} are ${not}found by`;
}

function dayText(day: number): string {
  const at = startOfDay(day);
  return Number.isNaN(at.getTime()) ? `day ${day}` : at.toISOString().slice(0, 10);
}
