import { AppError } from "#lib/errors.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;

/**
 * The texts of the items of a JSON list, each as it was written: parsing and writing anew would change large numbers, and what a trail said is
 * kept as it said it. The list is the whole text, or stands in its object under `key`.
 *
 * @throws AppError "bad_data" where there is no such list, or where it has no end.
 */
export function itemTexts(text: string, key: string): string[] {
  const start = listStart(text, key);
  const items: string[] = [];
  let depth = 0;
  let itemStart = start + 1;
  const take = (end: number) => {
    const item = text.slice(itemStart, end).trim();
    if (item !== "" || items.length > 0) items.push(item);
  };
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = stringEnd(text, at);
    else if (OPENING.has(sign)) depth += 1;
    else if (sign === COMMA && depth === 0) {
      take(at);
      itemStart = at + 1;
    } else if (CLOSING.has(sign)) {
      if (depth === 0) {
        take(at);
        return items;
      }
      depth -= 1;
    }
  }
  throw new AppError("bad_data", `The list ends before its end: the text was cut off after ${text.length} characters.`);
}

/** Where the list's bracket stands: the first sign of the text, or the value of the object's own `key`. */
function listStart(text: string, key: string): number {
  const first = text.search(/\S/);
  if (text.charCodeAt(first) === OPEN_LIST) return first;
  let depth = 0;
  for (let at = Math.max(first, 0); at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) {
      const end = stringEnd(text, at);
      if (depth === 1 && text.slice(at + 1, end) === key) {
        const found = /^\s*:\s*\[/.exec(text.slice(end + 1, end + 100));
        if (found) return end + found[0].length;
      }
      at = end;
    } else if (OPENING.has(sign)) depth += 1;
    else if (CLOSING.has(sign)) depth -= 1;
  }
  throw new AppError("bad_data", `There is no list "${key}".`);
}

/** Where a string that begins at `at` ends: its closing quote. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  throw new AppError("bad_data", `The text was cut off after ${text.length} characters.`);
}
