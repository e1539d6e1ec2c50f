import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What is made by tools or belongs to the machine, and is therefore not checked. Names count at any depth, paths from the root. */
const IGNORED_NAMES = new Set(["node_modules", ".git", ".next", ".bursar", "test-results", "playwright-report"]);
const IGNORED_PATHS = new Set(["prisma/generated", "next-env.d.ts"]);

/** No repository of ours is deeper; a link that leads back to its parent would otherwise never end. */
const MAX_DEPTH = 24;

/** Every file of the repository at `root`, relative to it, with "/" between folders, sorted. Links are not followed. */
export async function listProjectFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  await collect(root, "", 0, files);
  return files.sort();
}

async function collect(root: string, folder: string, depth: number, files: string[]): Promise<void> {
  if (depth > MAX_DEPTH) throw new Error(`${folder} is nested deeper than ${MAX_DEPTH} folders.`);
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED_NAMES.has(entry.name) || IGNORED_PATHS.has(path) || entry.name.endsWith(".tsbuildinfo")) continue;
    if (entry.isDirectory()) await collect(root, path, depth + 1, files);
    else if (entry.isFile()) files.push(path);
  }
}

export function isTypeScript(file: string): boolean {
  return /\.(ts|tsx|mts)$/.test(file) && !file.endsWith(".d.ts");
}
