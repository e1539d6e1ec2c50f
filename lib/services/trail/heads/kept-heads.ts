import { basename, extname } from "node:path";

/** A head as it was kept outside of the database, and where it stands: a line of a file, or a file of its own. */
export type KeptHead = { text: string; place: { line: number } | { file: string } };
/** An answer of a time stamp authority, and the entries of the head that it is about, by its name. */
export type KeptStamp = { file: string; size: number; response: Uint8Array };
export type KeptHeads = { heads: KeptHead[]; stamps: KeptStamp[] };

export type KeptFile = { name: string; content: Uint8Array };

/** Heads of `trail/heads.jsonl`. */
export function keptLines(text: string): KeptHeads {
  const lines = text.split("\n").map((line, index): KeptHead => ({ text: line, place: { line: index + 1 } }));
  return { heads: lines.filter((line) => line.text.trim() !== ""), stamps: [] };
}

/**
 * Heads and time stamps of a folder: of the home's own (`heads.jsonl` with the stamps beside it), or what was downloaded from the bucket, an object a
 * file. Other files are passed over.
 */
export function keptFiles(files: readonly KeptFile[]): KeptHeads {
  const heads: KeptHead[] = [];
  const stamps: KeptStamp[] = [];
  for (const { name, content } of files) {
    const ending = extname(name);
    const text = () => Buffer.from(content).toString("utf8");
    if (ending === ".jsonl") heads.push(...keptLines(text()).heads);
    if (ending === ".json") heads.push({ text: text(), place: { file: name } });
    if (ending === ".tsr") stamps.push({ file: name, size: Number(basename(name, ending)), response: content });
  }
  return { heads, stamps };
}
