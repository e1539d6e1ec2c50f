const HEAD = '{"Records":[';
const TAIL = "]}";
const FIRST = '{"eventVersion":';
const BETWEEN = `},${FIRST}`;

/** A record and where its text begins and ends in that of the file. */
export type ParsedRecord = { raw: unknown; from: number; to: number };

/**
 * The records of a file that is written exactly as CloudTrail writes it: without any space around its list, each record beginning with its version. Such a file comes apart
 * at its seams without being read letter by letter: where each part between two seams is JSON by itself, the parts are what the list holds and nothing else.
 * Null of any other file, be it valid or not.
 */
export function parseUsualFile(text: string): ParsedRecord[] | null {
  if (!text.startsWith(HEAD + FIRST) || !text.endsWith(`}${TAIL}`)) return null;
  const last = text.length - TAIL.length;
  const records: ParsedRecord[] = [];
  for (let from = HEAD.length; from < last;) {
    const seam = text.indexOf(BETWEEN, from);
    const to = seam === -1 ? last : seam + 1;
    try {
      records.push({ raw: JSON.parse(text.slice(from, to)), from, to });
    } catch {
      return null;
    }
    from = to + 1;
  }
  return records;
}
