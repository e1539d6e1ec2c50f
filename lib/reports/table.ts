/** What an export holds, whatever its format: columns with a type, rows of text, and the words that explain them. */
export type ReportTable = {
  title: string;
  columns: { name: string; type: "text" | "amount" | "count" }[];
  /** Amounts and counts as plain decimal strings; null = empty cell. */
  rows: (string | null)[][];
  /** Parameters, period, sources, gaps: name and value. */
  about: [string, string][];
};

/**
 * Text that no spreadsheet takes for a formula: a leading =, +, -, @, tab or line break gets an apostrophe before it.
 * Only for text; a negative amount stays a number.
 */
export function safeText(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}
