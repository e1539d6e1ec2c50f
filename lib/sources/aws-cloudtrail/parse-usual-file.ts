const HEAD = '{"Records":[';
const TAIL = "]}";
const VERSION = '"eventVersion"';
const FIRST = `{${VERSION}:`;
const SEAM = "},{";

/** A record and where its text begins and ends in that of the file. */
export type ParsedRecord = { raw: unknown; from: number; to: number };

/**
 * The records of a file that is written exactly as CloudTrail writes it: without any space around its list, each record beginning with its version. Such a file comes apart
 * at its seams without being read letter by letter: where each record has a version, and nothing else in the file is called so, each of them begins at one. Null of any
 * other file, be it valid or not.
 */
export function parseUsualFile(text: string): ParsedRecord[] | null {
  if (!text.startsWith(HEAD + FIRST) || !text.endsWith(`}${TAIL}`) || mayHideNames(text)) return null;
  const starts: number[] = [];
  for (let at = text.indexOf(VERSION); at !== -1; at = text.indexOf(VERSION, at + VERSION.length)) {
    if (at !== HEAD.length + 1 && !text.startsWith(SEAM, at - SEAM.length)) return null;
    starts.push(at - 1);
  }
  const records = recordsOf(text);
  if (records?.length !== starts.length) return null;
  return records.map((raw, n) => ({ raw, from: starts[n] ?? 0, to: (starts[n + 1] ?? text.length - 1) - 1 }));
}

/** Whether a letter of ASCII is written with an escape: a name could be. */
function mayHideNames(text: string): boolean {
  return text.includes(String.raw`\u00`) && /\\u00[4-7]/.test(text);
}

/** Null where it is no JSON, has anything beside its list, or the list anything without a version. */
function recordsOf(text: string): unknown[] | null {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  const { Records, ...others } = file as { Records?: unknown[] };
  const isUsual =
    Object.keys(others).length === 0 &&
    Array.isArray(Records) &&
    Records.every((one: unknown) => typeof one === "object" && one !== null && Object.hasOwn(one, "eventVersion"));
  return isUsual ? Records : null;
}
