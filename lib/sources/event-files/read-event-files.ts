import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { itemTexts } from "#lib/sources/event-files/item-texts.ts";
import { fileError, type EventFile } from "#lib/sources/event-files/list-event-files.ts";
import { readLines } from "#lib/sources/event-files/read-lines.ts";
import { isJson } from "#lib/sources/is-json.ts";

/** How far each file was read, by what it begins with: renamed, packed or copied it is still the same file. */
export const eventFilesCursor = z.object({
  files: z.record(z.string(), z.object({ end: z.number(), version: z.string(), name: z.string() })),
});
export type EventFilesCursor = z.infer<typeof eventFilesCursor>;

/** One record's text as it was written. `isCut`: it is no whole JSON value. */
export type FileRecord = { file: string; row: number; text: string; isCut: boolean; modifiedMs: number };
export type RecordBatch = { records: FileRecord[]; cursor: EventFilesCursor };

const BATCH_RECORDS = 2_000;
const BATCH_CHARACTERS = 32 * 1024 * 1024;
/** A whole document is parsed at once, unlike lines. */
const MOST_DOCUMENT_CHARACTERS = 256 * 1024 * 1024;
export type ReadOptions = {
  /** The field of a document that has the list of its records: "value", "items". */
  listKey: string;
  cursor: EventFilesCursor | null;
  signal: AbortSignal;
};

/**
 * What files of events have beyond the cursor, in batches with the cursor that holds once the batch is kept. A file is JSON Lines, a JSON list
 * or an object with a list, each also gzipped. Lines are taken up where they were left; documents are read once as they are.
 *
 * @throws AppError "bad_data" with file and line where a document has no end or no list.
 */
export async function* readEventFiles(files: readonly EventFile[], options: ReadOptions): AsyncGenerator<RecordBatch> {
  const known = new Map(Object.entries(options.cursor?.files ?? {}));
  const byVersion = new Map(Array.from(known, ([identity, one]) => [`${one.name} ${one.version}`, identity]));
  const read: Places = new Map();
  let records: FileRecord[] = [];
  let characters = 0;
  for (const file of files) {
    const unchanged = byVersion.get(`${file.name} ${file.version}`);
    const place = unchanged === undefined ? undefined : known.get(unchanged);
    if (unchanged !== undefined && place) {
      read.set(unchanged, place);
      continue;
    }
    for await (const { record, identity, end } of recordsOf(file, (one) => read.get(one) ?? known.get(one), options)) {
      if (record) records.push(record);
      characters += record?.text.length ?? 0;
      if (identity !== null) read.set(identity, { end, name: file.name, version: record ? "" : file.version });
      if (records.length < BATCH_RECORDS && characters < BATCH_CHARACTERS) continue;
      // What was not come to yet is still where it was.
      yield { records, cursor: { files: Object.fromEntries([...known, ...read]) } };
      records = [];
      characters = 0;
    }
  }
  yield { records, cursor: { files: Object.fromEntries(read) } };
}

type Places = Map<string, EventFilesCursor["files"][string]>;
/** `identity` null: nothing is known of the file's whole yet. */
type Step = { record: FileRecord | null; identity: string | null; end: number };
type Known = (identity: string) => { end: number } | undefined;

/** The records of one file beyond what is known of it; the last step has none and says how far it was read. */
async function* recordsOf(file: EventFile, known: Known, { listKey, signal }: ReadOptions): AsyncGenerator<Step, void> {
  let identity: string | null = null;
  let read = 0;
  try {
    for await (const { text, row, end, isOpen } of readLines(file.location, signal)) {
      if (identity === null) {
        if (!isRecordLine(text, listKey)) {
          yield* documentOf(file, known, listKey, signal);
          return;
        }
        if (isOpen && !isJson(text) && !file.isWhole) return;
        identity = identityOf(text);
        read = known(identity)?.end ?? read;
      }
      if (end <= read || text.trim() === "") continue;
      const isCut = !isJson(text);
      if (isCut && isOpen && !file.isWhole) break;
      read = end;
      yield { record: { file: file.name, row, text, isCut, modifiedMs: file.modifiedMs }, identity, end };
    }
  } catch (thrown) {
    throw fileError(thrown, file.location);
  }
  if (identity !== null) yield { record: null, identity, end: read };
}

/** A document is known by all that it says: it is read again where it has changed. */
async function* documentOf(
  file: EventFile,
  known: Known,
  listKey: string,
  signal: AbortSignal,
): AsyncGenerator<Step, void> {
  const lines: string[] = [];
  let characters = 0;
  for await (const { text } of readLines(file.location, signal)) {
    characters += text.length;
    if (characters > MOST_DOCUMENT_CHARACTERS)
      throw new AppError(
        "limit_reached",
        `${file.name} is larger than a document may be; JSON Lines have no such bound.`,
      );
    lines.push(text);
  }
  const text = lines.join("\n");
  const identity = identityOf(text);
  if (!known(identity))
    for (const [index, item] of itemsOf(file, text, listKey).entries())
      yield {
        record: { file: file.name, row: index + 1, text: item, isCut: false, modifiedMs: file.modifiedMs },
        identity: null,
        end: 0,
      };
  yield { record: null, identity, end: text.length };
}

function itemsOf(file: EventFile, text: string, listKey: string): string[] {
  try {
    return itemTexts(text, listKey);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    // One event may be written over several lines as well.
    if (isJson(text)) return [text];
    throw new AppError(thrown.code, `${file.name}: ${thrown.message}`, { place: { file: file.name }, cause: thrown });
  }
}

/** True for a line that is a record by itself, rather than the beginning of a document, or a document in one line. */
function isRecordLine(text: string, listKey: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      !Array.isArray(Reflect.get(value, listKey))
    );
  } catch {
    // A record that was cut off has more of it than an opening bracket.
    return /^\s*\{.*"[^"]+"\s*:.*[^\s,{[]/.test(text) && text.length > 200;
  }
}

function identityOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
