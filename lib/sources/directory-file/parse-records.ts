import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from "yaml";
import { AppError } from "#lib/errors.ts";
import { parseCsv } from "#lib/sources/csv-table.ts";
import { PERSON_COLUMNS, TEAM_COLUMNS, type RawRecord } from "#lib/sources/directory-file/directory.ts";

/** The records of one CSV file. @throws AppError("bad_data") where a column is unknown, or the one that names the record is missing. */
export function parseCsvRecords(text: string, file: string, columns: readonly string[]): RawRecord[] {
  const [header, ...rows] = parseCsv(text, file);
  const names = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const key = columns[0] ?? "";
  if (!names.includes(key)) throw refused(`${file} has no column ${key}.`, { file, line: 1, column: key });
  const unknown = names.find((name) => !columns.includes(name));
  if (unknown !== undefined)
    throw refused(`${file} has a column "${unknown}" that is not one of ${columns.join(", ")}.`, {
      file,
      line: 1,
      column: unknown,
    });
  return rows.map(({ line, cells }) => {
    if (cells.length > names.length) throw refused("The row has more cells than the header.", { file, line });
    return {
      values: Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""])),
      place: { file, line },
    };
  });
}

/** The `teams` and `people` of one YAML file, with the columns of the CSV files as keys; `aliases` may be a list. */
export function parseYamlRecords(text: string, file: string): { teams: RawRecord[]; people: RawRecord[] } {
  const lineCounter = new LineCounter();
  // Every scalar stays text: a cost centre 0042 is no number and a date no instant.
  const document = parseDocument(text, { lineCounter, schema: "failsafe" });
  const [problem] = document.errors;
  if (problem)
    throw refused(problem.message.split("\n")[0] ?? "not YAML", {
      file,
      line: lineCounter.linePos(problem.pos[0]).line,
    });
  const lineOf = (node: unknown): number => lineCounter.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  const recordsOf = (name: string, columns: readonly string[]): RawRecord[] => {
    const list = document.get(name, true);
    if (list === undefined) return [];
    if (!isSeq(list)) throw refused(`${name} must be a list.`, { file, line: lineOf(list), column: name });
    return list.items.map((item) => {
      const line = lineOf(item);
      if (!isMap(item)) throw refused(`An entry of ${name} has no keys.`, { file, line });
      const values = item.items.map(({ key, value }): [string, string] => {
        const column = isScalar(key) ? String(key.value) : "";
        if (!columns.includes(column))
          throw refused(`"${column}" is not one of ${columns.join(", ")}.`, { file, line: lineOf(key), column });
        if (isSeq(value)) return [column, value.items.map((one) => (isScalar(one) ? String(one.value) : "")).join(";")];
        const scalar = isScalar(value) ? value.value : null;
        return [column, scalar === null ? "" : String(scalar)];
      });
      return { values: Object.fromEntries(values), place: { file, line } };
    });
  };
  return { teams: recordsOf("teams", TEAM_COLUMNS), people: recordsOf("people", PERSON_COLUMNS) };
}

function refused(message: string, place: { file: string; line: number; column?: string }): AppError {
  return new AppError("bad_data", message, { remedy: "Correct the directory file.", place });
}
