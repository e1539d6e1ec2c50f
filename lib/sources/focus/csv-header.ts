import { open } from "node:fs/promises";
import { AppError } from "#lib/errors.ts";

/** A header of a FOCUS file has some 60 names; what is longer than this is not one. */
const MAX_HEADER_BYTES = 256 * 1024;
const DELIMITERS = [",", ";", "\t", "|"];

export type CsvHeader = { columns: string[]; delimiter: string };

/** Reads the names in the first line of a plain CSV file. Throws AppError("bad_data") where there is none. */
export async function readCsvHeader(path: string, fileName: string): Promise<CsvHeader> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.alloc(MAX_HEADER_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, MAX_HEADER_BYTES, 0);
    return parseCsvHeader(buffer.toString("utf8", 0, bytesRead), fileName);
  } finally {
    await handle.close();
  }
}

/** The names of a header line; the delimiter is the one of `, ; tab |` that it has most of. */
export function parseCsvHeader(start: string, fileName: string): CsvHeader {
  const text = start.replace(/^\uFEFF/, "");
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  if (line.trim() === "")
    throw new AppError("bad_data", "The file is empty: it has no header line.", {
      remedy: "Have the file delivered again.",
      place: { file: fileName, line: 1 },
    });
  const bare = line.replaceAll(/"(?:[^"]|"")*"/g, "");
  const delimiter = DELIMITERS.toSorted((a, b) => bare.split(b).length - bare.split(a).length)[0] ?? ",";
  const columns = splitQuoted(line, delimiter).map((name) => name.trim());
  return { columns, delimiter };
}

function splitQuoted(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? "";
    if (character === '"' && isQuoted && line[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) {
      cells.push(cell);
      cell = "";
    } else cell += character;
  }
  cells.push(cell);
  return cells;
}
