import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** The fields that are found by their whole value, and what their terms begin with. */
export const TERM_FIELDS = {
  actor: "actor",
  action: "action",
  verbClass: "class",
  outcome: "outcome",
  resource: "resource",
  accountId: "account",
  clusterKey: "cluster",
  namespace: "namespace",
  sourceKey: "source",
  person: "person",
  mfa: "mfa",
} as const;

export type TermField = keyof typeof TERM_FIELDS;
export const TERM_FIELD_NAMES = Object.keys(TERM_FIELDS) as readonly TermField[];

/** The term that every event has. */
export const EVERY_EVENT = "*";

export type TermSource = Pick<TrailEvent, TermField>;

const DAY_MS = 86_400_000;
const MOST_WORD_CHARACTERS = 500;

const WORD = "[a-z0-9_\\u0080-\\uffff]+";
const WORDS = new RegExp(WORD, "g");
const PARTS = /[a-z0-9_\u0080-\uffff.-]+/g;
const IS_WORD = /[a-z0-9_\u0080-\uffff]/;
const IS_PART = /[a-z0-9_\u0080-\uffff.-]/;

/** Days since 1970-01-01 UTC. */
export function dayOf(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS);
}

export function startOfDay(day: number): Date {
  return new Date(day * DAY_MS);
}

/** The term of a field's value. It holds a "=", which no word does. */
export function fieldTerm(field: TermField, value: string): string {
  return `${TERM_FIELDS[field]}=${value}`;
}

/** What a search's field may be, each alternative by itself: "a | b". No trail's actions have such a line in their names. */
export function alternativesOf(text: string): string[] {
  return [...new Set(text.split("|").map((part) => part.trim()))].filter(Boolean);
}

/** The words of a text, in lower case, each once. */
export function wordsOf(text: string): string[] {
  return eachOnce(text.toLowerCase().match(WORDS));
}

function eachOnce(found: readonly string[] | null): string[] {
  return found === null ? [] : [...new Set(found.map((one) => one.slice(0, MOST_WORD_CHARACTERS)))];
}

/**
 * The name in a part, where it has several words, "claims-prod" or "s3.amazonaws.com": its words alone are everywhere. By hand, as an expression looks at a long word again from each of its
 * letters, and whoever asks for something chooses what it is called.
 */
function nameIn(part: string): { at: number; name: string } | null {
  let [at, end] = [0, part.length];
  while (at < end && isJoint(part.charCodeAt(at))) at++;
  while (end > at && isJoint(part.charCodeAt(end - 1))) end--;
  const name = part.slice(at, end);
  return name.includes("-") || name.includes(".") ? { at, name } : null;
}

const [HYPHEN, DOT] = ["-".charCodeAt(0), ".".charCodeAt(0)];
const isJoint = (code: number) => code === HYPHEN || code === DOT;

/** What is looked for among words and names, where a text without spaces is part of an event's. */
export type TextPattern = {
  /** For LIKE. */
  pattern: string;
  /** Instead of a name that too many fit: its words. */
  instead: string[];
};

/**
 * The patterns of a text's parts. Inside of a part words and names are whole; at its ends they may go on, unless a sign stands there that none has.
 */
export function patternsOf(text: string): TextPattern[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .flatMap((part) => {
      const names = Array.from(part.matchAll(PARTS), ({ index, 0: own }) => {
        const found = nameIn(own);
        return found === null ? [] : [{ index: index + found.at, 0: found.name }];
      }).flat();
      const words = Array.from(part.matchAll(WORDS), (found) => ({
        at: found.index,
        pattern: patternOf(part, found, IS_WORD),
      }));
      const isIn = (at: number) => names.find(({ index, 0: name }) => at >= index && at < index + name.length);
      return [
        ...names.map((found) => ({
          pattern: patternOf(part, found, IS_PART),
          instead: words.filter(({ at }) => isIn(at) === found).map(({ pattern }) => pattern),
        })),
        ...words.filter(({ at }) => !isIn(at)).map(({ pattern }) => ({ pattern, instead: [] })),
      ];
    });
}

/** A match of an expression. */
type Found = { index: number; 0: string };

/** What was found in a part of a text, which goes on where the part ends, or where a sign is next to it that `isOwn`. */
function patternOf(part: string, { index, 0: found }: Found, isOwn: RegExp): string {
  const goesOn = (sign: string | undefined) => (sign === undefined || isOwn.test(sign) ? "%" : "");
  // A sigma is written as its place in the word wants it, which is another place in the text that is looked for.
  const kept = found
    .slice(0, MOST_WORD_CHARACTERS)
    .replaceAll("_", String.raw`\_`)
    .replaceAll(/[σς]/g, "_");
  return `${goesOn(part[index - 1])}${kept}${found.length > MOST_WORD_CHARACTERS ? "%" : goesOn(part[index + found.length])}`;
}

/** All that a value of a field makes an event findable by: the value itself, and the words and names of what people read. */
export function termsOfValue(name: TermField, value: string): { field: string; words: string[] } {
  return { field: fieldTerm(name, value), words: [...new Set(partsOfValue(name, value).flatMap(termsOfPart))] };
}

/** The parts of a value, in lower case, in each of which words and names are to be looked for by itself; none of what people do not read. */
export function partsOfValue(name: TermField, value: string): readonly string[] {
  return READ_FIELDS.has(name) ? (value.toLowerCase().match(PARTS) ?? []) : [];
}

/** The words of a part, and the name that it is. */
export function termsOfPart(part: string): string[] {
  const name = nameIn(part)?.name;
  return name === undefined ? wordsOf(part) : [...wordsOf(part), name.slice(0, MOST_WORD_CHARACTERS)];
}

const READ_FIELDS: ReadonlySet<string> = new Set(["action", "resource", "actor", "person", "namespace", "accountId"]);

/** The first 48 bits of the term's SHA-256, which a number holds exactly. */
export function termHash(sha256Hex: Sha256Hex, term: string): number {
  return Number.parseInt(sha256Hex(term).slice(0, TERM_DIGITS), 16);
}

const TERM_DIGITS = 12;
/** Each hash is less. */
export const TERM_LIMIT = 16 ** TERM_DIGITS;
