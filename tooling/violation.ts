/** Something that a check of `npm run verify` refuses. `file` is relative to the repository, `line` counts from 1. */
export type Violation = { file: string; line: number; rule: string; message: string };

/** Reads the repository at `root` and lists what it refuses; an empty list is a pass. */
export type Check = (root: string) => Promise<Violation[]>;

export function formatViolation({ file, line, rule, message }: Violation): string {
  return `${file}:${line}  ${rule}  ${message}`;
}

/** The line, counted from 1, on which the character at `index` stands. */
export function lineOf(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < index; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
