import { AppError } from "#lib/errors.ts";
import { day, type Day } from "#lib/domain/period.ts";
import { parseCsv } from "#lib/sources/csv-table.ts";

/** `rate` units of `currency` for one `base` on that day, as a plain decimal string. */
export type ExchangeRate = { day: Day; currency: string; base: string; rate: string };

/** The ECB quotes every currency against the euro. */
const BASE = "EUR";
const ABSENT = ["", "N/A", "-"];

/**
 * Reads the ECB's layout: `Date,USD,JPY,…`, one day a row in any order, `N/A` where there was no rate, a comma at the end of each line.
 * @throws AppError("bad_data") with file, line, column and value.
 */
export function parseRates(text: string, file: string): ExchangeRate[] {
  const [header, ...rows] = parseCsv(text, file);
  const names = header?.cells.map((cell) => cell.trim()) ?? [];
  if (names[0]?.toLowerCase() !== "date")
    throw refused("The first column must be Date.", { file, line: 1, value: names[0] ?? "" });
  const currencies = names.slice(1);
  for (const [index, name] of currencies.entries()) {
    if (name === "" && index === currencies.length - 1) continue;
    if (!/^[A-Z]{3}$/.test(name) || currencies.indexOf(name) !== index)
      throw refused(`"${name}" is not a currency of its own.`, { file, line: 1, column: name, value: name });
  }
  const rates: ExchangeRate[] = [];
  const seen = new Set<string>();
  for (const { line, cells } of rows) {
    const date = readDay(cells[0]?.trim() ?? "", file, line);
    if (seen.has(date)) throw refused(`The day ${date} is there twice.`, { file, line, column: "Date", value: date });
    seen.add(date);
    if (cells.length > names.length) throw refused("The row has more cells than the header.", { file, line });
    for (const [index, currency] of currencies.entries()) {
      const value = cells[index + 1]?.trim() ?? "";
      if (ABSENT.includes(value)) continue;
      if (currency === "" || !/^\d{1,18}(\.\d{1,12})?$/.test(value) || /^[0.]+$/.test(value))
        throw refused(`"${value}" is not a rate.`, { file, line, column: currency, value });
      rates.push({ day: date, currency, base: BASE, rate: value });
    }
  }
  if (rates.length === 0) throw refused("The file has no rate.", { file });
  return rates;
}

function readDay(value: string, file: string, line: number): Day {
  try {
    return day(value);
  } catch {
    throw refused(`"${value}" is not a day of the form 2026-03-31.`, { file, line, column: "Date", value });
  }
}

function refused(message: string, place: { file: string; line?: number; column?: string; value?: string }): AppError {
  return new AppError("bad_data", message, { remedy: "Download the file again from the ECB, or correct it.", place });
}
