import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { listProjectFiles } from "#tooling/project-files.ts";
import { lineOf, type Violation } from "#tooling/violation.ts";

const LINK = /\]\((?<path>[^)\s#]+)(?:#[^)]*)?\)/g;
const CODE_SPAN = /`(?<path>[^`\n]+)`/g;

/** Cited paths begin with one of these; `npm`'s and other people's paths do not. */
const TOP_FOLDERS = ["app", "cli", "demo", "deploy", "docs", "jobs", "lib", "prisma", "test", "tooling", ".ci"];
/** What installing or running makes, so that a fresh clone does not have it. */
const MADE_LATER = ["prisma/generated"];

/** Refuses a document that cites a file or folder which is not there. `<placeholders>`, `NNN` and `*` are taken as examples. */
export async function checkDocuments(root: string): Promise<Violation[]> {
  const files = await listProjectFiles(root);
  const existing = new Set<string>(files);
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== "."; folder = posix.dirname(folder)) existing.add(folder);
  }
  const violations: Violation[] = [];
  for (const file of files.filter((path) => path.endsWith(".md"))) {
    const text = await readFile(join(root, file), "utf8");
    for (const { path, index } of citedPaths(text, posix.dirname(file))) {
      if (existing.has(path) || MADE_LATER.some((made) => path.startsWith(made))) continue;
      violations.push({ file, line: lineOf(text, index), rule: "cited-path", message: `${path} does not exist.` });
    }
  }
  return violations;
}

function citedPaths(text: string, folder: string): { path: string; index: number }[] {
  const cited: { path: string; index: number }[] = [];
  for (const match of text.matchAll(LINK)) {
    const target = match.groups?.path ?? "";
    if (/^[a-z]+:/.test(target)) continue;
    cited.push({ path: tidy(posix.join(folder, target)), index: match.index });
  }
  for (const match of text.matchAll(CODE_SPAN)) {
    const words = match.groups?.path ?? "";
    const isPath = /^[\w./[\]()-]+$/.test(words) && TOP_FOLDERS.some((top) => words.startsWith(`${top}/`));
    if (isPath && !words.includes("NNN")) cited.push({ path: tidy(words), index: match.index });
  }
  return cited;
}

function tidy(path: string): string {
  return posix.normalize(path).replace(/\/$/, "");
}
