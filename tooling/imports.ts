import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { z } from "zod";
import { lineOf } from "#tooling/violation.ts";

/** One import as it is written. `typeOnly` vanishes when types are stripped, so it brings no code along. */
export type ImportStatement = { specifier: string; typeOnly: boolean; line: number };

/** Where an import leads: a file of the repository, a package from npm, or a module of Node. */
export type ImportTarget =
  | { kind: "file"; path: string }
  | { kind: "package"; name: string }
  | { kind: "builtin"; name: string };

// TypeScript 7 has no JavaScript API, so the statements are found by their shape. A statement starts its line, which
// keeps comments and strings out; whatever still slips in is refused too often, never too seldom.
const PATTERNS = [
  /^[ \t]*(?:import|export)\s+(?<type>type\s+)?[\w$*{][\w$*{},\s]*?\sfrom\s*["'](?<specifier>[^"'\n]+)["']/gm,
  /^[ \t]*(?:import|export)\s+(?<type>type\s+)?\{[\w$*{},\s]*?\}\s*from\s*["'](?<specifier>[^"'\n]+)["']/gm,
  /^[ \t]*import\s*["'](?<specifier>[^"'\n]+)["']/gm,
  /\b(?:import|require|require\.resolve)\(\s*["'](?<specifier>[^"'\n]+)["']/gm,
];

/** Every import, re-export and dynamic import of a TypeScript text, in the order of its lines. */
export function importsOf(text: string): ImportStatement[] {
  const found = new Map<string, ImportStatement>();
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const specifier = match.groups?.specifier;
      if (specifier === undefined) continue;
      const line = lineOf(text, match.index + match[0].length);
      found.set(`${line} ${specifier}`, { specifier, typeOnly: match.groups?.type !== undefined, line });
    }
  }
  return [...found.values()].sort((left, right) => left.line - right.line);
}

const PackageImports = z.object({ imports: z.record(z.string(), z.string()).default({}) });

/** The aliases of package.json ("#lib/*" → "./lib/*"). */
export async function readAliases(root: string): Promise<Map<string, string>> {
  const json: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return new Map(Object.entries(PackageImports.parse(json).imports));
}

/** Follows a specifier that stands in `file`. Throws for an alias that package.json does not have. */
export function resolveImport(file: string, specifier: string, aliases: Map<string, string>): ImportTarget {
  if (specifier.startsWith("."))
    return { kind: "file", path: posix.normalize(posix.join(posix.dirname(file), specifier)) };
  if (specifier.startsWith("#")) return { kind: "file", path: posix.normalize(followAlias(specifier, aliases)) };
  if (isBuiltin(specifier)) return { kind: "builtin", name: specifier.replace(/^node:/, "") };
  const parts = specifier.split("/");
  return { kind: "package", name: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/") };
}

function followAlias(specifier: string, aliases: Map<string, string>): string {
  const exact = aliases.get(specifier);
  if (exact !== undefined) return exact;
  for (const [alias, target] of aliases) {
    const prefix = alias.slice(0, -1);
    if (alias.endsWith("*") && specifier.startsWith(prefix)) return target.replace("*", specifier.slice(prefix.length));
  }
  throw new Error(`"${specifier}" is no alias in the imports of package.json.`);
}
