const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
const COLON = 0x3a;
/** What JSON takes for white space. */
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];
const RECORDS = Buffer.from("Records");
/** { "Records": [ { … } ] } */
const [FILE_DEPTH, RECORD_DEPTH] = [1, 3];

/**
 * The bytes of each object in the list "Records" of a file that is valid JSON, as CloudTrail wrote them: they are the evidence, and what was taken apart and written again
 * would be something else. They are pieces of `file`. Of a list that holds anything else, or where a name beside it is written with escapes, some or all are left out.
 */
export function recordBytes(file: Uint8Array): Uint8Array[] {
  let records: Uint8Array[] = [];
  let [depth, start, isRecords] = [0, 0, false];
  for (let at = 0; at < file.length; at++) {
    const byte = file[at];
    if (byte === QUOTE) {
      const first = at + 1;
      let isEscaped = false;
      for (at = first; file[at] !== QUOTE && at < file.length; at++)
        if (file[at] === BACKSLASH) [at, isEscaped] = [at + 1, true];
      if (depth !== FILE_DEPTH || !isName(file, at)) continue;
      // It may be the same name in other letters.
      if (isEscaped) return [];
      isRecords = RECORDS.equals(file.subarray(first, at));
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth++;
      if (depth === RECORD_DEPTH) start = byte === OPEN_OBJECT ? at : -1;
      // Of two lists of this name the last counts, as in any reader of JSON.
      else if (depth === FILE_DEPTH + 1 && isRecords) records = [];
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (depth === RECORD_DEPTH && isRecords && start >= 0) records.push(file.subarray(start, at + 1));
      depth--;
    }
  }
  return records;
}

/** Whether a colon follows the text that ends here. */
function isName(file: Uint8Array, end: number): boolean {
  let at = end + 1;
  while (SPACES.includes(file[at] ?? 0)) at++;
  return file[at] === COLON;
}
