import { CsvError, parse } from "csv-parse/sync";
import { AppError } from "#lib/errors.ts";

/** A row of a small CSV file. `line` is where it ends in the file, the header being line 1. */
export type CsvRow = { line: number; cells: string[] };

/** A directory or a table of rates fits into this many rows. */
const MAX_ROWS = 1_000_000;

/**
 * Reads a small CSV text (RFC 4180): quoted cells may hold commas, quotes and line ends. Empty lines are skipped.
 * @throws AppError("bad_data") with file and line where a quote is not closed; "limit_reached" where there are too many rows.
 */
export function parseCsv(text: string, file: string): CsvRow[] {
  try {
    const records = parse(text, {
      bom: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
      to: MAX_ROWS + 1,
      on_record: (record: string[], { lines }) => [String(lines), ...record],
    });
    if (records.length > MAX_ROWS)
      throw new AppError("limit_reached", `${file} has more than ${MAX_ROWS} rows.`, { place: { file } });
    return records.map(([line, ...cells]) => ({ line: Number(line), cells }));
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    const line = typeof thrown["lines"] === "number" ? { line: thrown["lines"] } : {};
    throw new AppError("bad_data", `${file} cannot be read as CSV: ${thrown.message}.`, {
      remedy: "Put a comma between values, and quotes around those that hold one.",
      place: { file, ...line },
      cause: thrown,
    });
  }
}
