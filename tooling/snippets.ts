import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listProjectFiles } from "#tooling/project-files.ts";
import { lineOf } from "#tooling/violation.ts";

/** A command of a document that its readers can run as it stands. */
export type Snippet = { file: string; line: number; script: string };

const FENCE = /^```sh test\n(?<script>[\s\S]*?)^```$/gm;

/** Every block of the documents that is fenced as `sh test`. */
export async function readSnippets(root: string): Promise<Snippet[]> {
  const snippets: Snippet[] = [];
  for (const file of (await listProjectFiles(root)).filter((path) => path.endsWith(".md"))) {
    const text = await readFile(join(root, file), "utf8");
    for (const match of text.matchAll(FENCE)) {
      snippets.push({ file, line: lineOf(text, match.index), script: match.groups?.script ?? "" });
    }
  }
  return snippets;
}
