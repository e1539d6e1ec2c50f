import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listProjectFiles } from "#tooling/project-files.ts";
import { lineOf, type Violation } from "#tooling/violation.ts";

type Ban = { rule: string; where: RegExp; pattern: RegExp; message: string };

const ANY_FILE = /./;
const CODE = /\.(ts|tsx|mts|js|mjs)$/;
const BINARY = /\.(png|jpg|ico|woff2?|parquet|gz|xlsx|pdf|wasm)$/;

/** What no file may contain. Where a linter has a rule, the linter has it; these are the ones that it lacks. */
const BANS: readonly Ban[] = [
  {
    rule: "machine-path",
    where: ANY_FILE,
    pattern: /(?<![\w.:/-])\/(?:work|root|home\/\w+|Users\/\w+|tmp\/bash_jobs[\w.]*)\/\S/g,
    message: "This path exists on one machine only.",
  },
  {
    rule: "registry-host",
    where: ANY_FILE,
    pattern: /"resolved": "https?:|^@?[\w/-]*:?registry ?= ?\S|https?:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)/gm,
    message: "Where packages come from is the installing machine's choice.",
  },
  {
    rule: "double-assertion",
    where: CODE,
    pattern: /\bas unknown as\b/g,
    message: "Two assertions in a row switch the compiler off; parse the value or write a type guard.",
  },
  {
    rule: "silenced-lint",
    where: CODE,
    pattern: /(?:oxlint|eslint|oxfmt|prettier)-(?:disable|ignore)/g,
    message: "Rules are not switched off where they hurt; change the code, or the rule for everybody.",
  },
  {
    rule: "clock-in-pure-code",
    where: /^lib\/(?:domain|charts|policies)\//,
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/g,
    message: "Pure code is given its instant and its randomness as arguments.",
  },
];

const BANNED_NAMES = /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\.tsx?|\/)/;

/** Refuses texts and file names that bind the repository to one machine or hide what code does. */
export async function checkText(root: string): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const file of (await listProjectFiles(root)).filter((path) => !BINARY.test(path))) {
    if (BANNED_NAMES.test(file)) {
      violations.push({ file, line: 1, rule: "empty-name", message: "The name says nothing about what is inside." });
    }
    const text = await readFile(join(root, file), "utf8");
    for (const { rule, where, pattern, message } of [...BANS, ...ownRegistry()]) {
      if (!where.test(file)) continue;
      for (const match of text.matchAll(pattern))
        violations.push({ file, line: lineOf(text, match.index), rule, message });
    }
  }
  return violations;
}

/** npm tells its scripts which registry it uses; a mirror's name must not leak into the repository. */
function ownRegistry(): Ban[] {
  const registry = process.env.npm_config_registry;
  if (registry === undefined || !URL.canParse(registry)) return [];
  const host = new URL(registry).host;
  if (host === "registry.npmjs.org") return [];
  const pattern = new RegExp(host.replaceAll(/[.[\]]/g, "\\$&"), "g");
  return [{ rule: "registry-host", where: ANY_FILE, pattern, message: "This names the registry of one network." }];
}
