import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import {
  fieldTerm,
  partsOfValue,
  TERM_FIELD_NAMES,
  termHash,
  termsOfPart,
  type TermField,
} from "#lib/domain/trail/event-terms.ts";
import { createRecall, type Recall } from "#lib/domain/trail/recall.ts";

/** A term; `word` where texts are made of it, null of a field's value. `sheet` and `entry` are its user's: where it was met last. */
export type Term = { hash: number; word: string | null; sheet: number; entry: number };

/** Some hundred bytes each, and a value's own terms besides. */
const REMEMBERED = { recent: 4_000, most: 100_000 };
const REMEMBERED_OF_A_FIELD = { recent: 4_000, most: 20_000 };

/** What terms values are made of: most values of a trail come again and again, and nearly all of their parts do. One text may have several objects, one after the other. */
export type TermMemory = {
  termOf(text: string): Term;
  termsOf(field: TermField, value: string): readonly Term[];
};

/** The value that was asked for last is most often the next one too, and told sooner by itself than looked up. */
type Field = { values: Recall<readonly Term[]>; last: string | null; termsOfLast: readonly Term[] };

export function createTermMemory(sha256Hex: Sha256Hex): TermMemory {
  const terms = createRecall<Term>(REMEMBERED);
  const parts = createRecall<readonly Term[]>(REMEMBERED);
  const fields = new Map(
    TERM_FIELD_NAMES.map((field): [TermField, Field] => [
      field,
      { values: createRecall(REMEMBERED_OF_A_FIELD), last: null, termsOfLast: [] },
    ]),
  );

  function termOf(text: string, word: string | null = null): Term {
    const found = terms.get(text);
    if (found !== undefined) return found;
    const made = { hash: termHash(sha256Hex, text), word, sheet: 0, entry: 0 };
    terms.set(text, made);
    return made;
  }

  function ofPart(part: string): readonly Term[] {
    const found = parts.get(part);
    if (found !== undefined) return found;
    const made = termsOfPart(part).map((word) => termOf(word, word));
    parts.set(part, made);
    return made;
  }

  return {
    termOf: (text) => termOf(text),
    termsOf(field, value) {
      const own = fields.get(field) as Field;
      if (own.last === value) return own.termsOfLast;
      let found = own.values.get(value);
      if (found === undefined) {
        found = [termOf(fieldTerm(field, value)), ...partsOfValue(field, value).flatMap(ofPart)];
        own.values.set(value, found);
      }
      [own.last, own.termsOfLast] = [value, found];
      return found;
    },
  };
}
