import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { importsOf, readAliases, resolveImport } from "#tooling/imports.ts";
import { isTypeScript, listProjectFiles } from "#tooling/project-files.ts";
import { lineOf, type Violation } from "#tooling/violation.ts";

/** Verbs that nobody can be refused, each with the reason. */
const WITHOUT_PERMISSION: Record<string, string> = {
  readSession: "it finds out who asks",
  signInAsPerson: "nobody is signed in yet",
  signInWithToken: "nobody is signed in yet",
  signOut: "everybody may leave",
};

/** First words of verbs that change nothing. Any other verb changes something, and says so in the activity log. */
const READING_WORDS = ["read", "list", "preview", "compare", "export", "find", "check", "count", "search", "suggest"];

/** Writing verbs without an entry in the log, each with the reason. */
const WITHOUT_ENTRY: Record<string, string> = {};

/** A chain of imports from a verb to the log is no longer than this. */
const MAX_DEPTH = 4;

const VERB =
  /^export (?:async )?(?:function (?<name>\w+)\(|const (?<constant>\w+) = (?:async )?\()\s*_?context: ServiceContext\b/gm;

/**
 * Refuses a verb of lib/services that does not authorise, and a writing verb whose change never reaches the activity log. A
 * verb is what the outside can call: a function that only other services call is a step of theirs, and they have asked.
 */
export async function checkVerbs(root: string): Promise<Violation[]> {
  const project = await readProject(root);
  const violations: Violation[] = [];
  for (const [file, { text }] of project) {
    if (!/^lib\/services\/(?:[^/]+\/)+[^/]+\.ts$/.test(file)) continue;
    for (const verb of verbsOf(text).filter(({ name }) => !isInnerStep(project, file, name))) {
      const line = lineOf(text, verb.index);
      if (!/\bauthorise\(/.test(verb.body) && !(verb.name in WITHOUT_PERMISSION)) {
        violations.push({ file, line, rule: "verb-authorises", message: `${verb.name} never calls authorise().` });
      }
      if (isWriting(verb.name) && !reachesLog(project, file, MAX_DEPTH)) {
        const message = `${verb.name} changes something, but recordActivity() is never called.`;
        violations.push({ file, line, rule: "verb-logs", message });
      }
    }
  }
  return violations;
}

/** The code that runs, with the files that each file brings in. Tests are left out: they may call a step by itself. */
type Project = Map<string, { text: string; imports: Set<string> }>;

async function readProject(root: string): Promise<Project> {
  const aliases = await readAliases(root);
  const project: Project = new Map();
  for (const file of (await listProjectFiles(root)).filter(isTypeScript)) {
    if (file.startsWith("test/") || file.startsWith("tooling/")) continue;
    const text = await readFile(join(root, file), "utf8");
    const imports = new Set<string>();
    for (const { specifier, typeOnly } of importsOf(text)) {
      const target = resolveImport(file, specifier, aliases);
      if (target.kind === "file" && !typeOnly) imports.add(target.path);
    }
    project.set(file, { text, imports });
  }
  return project;
}

function isInnerStep(project: Project, file: string, name: string): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  const callers = [...project].filter(([, { text, imports }]) => imports.has(file) && word.test(text));
  return callers.length > 0 && callers.every(([caller]) => caller.startsWith("lib/services/"));
}

function isWriting(verb: string): boolean {
  if (verb in WITHOUT_ENTRY) return false;
  const firstWord = /^[a-z]+/.exec(verb)?.[0] ?? "";
  return !READING_WORDS.includes(firstWord);
}

type Verb = { name: string; index: number; body: string };

/** A verb ends with the first bracket at the start of a line, which the formatter guarantees. */
function verbsOf(text: string): Verb[] {
  return [...text.matchAll(VERB)].map((match) => {
    const end = text.indexOf("\n}", match.index);
    const body = text.slice(match.index, end === -1 ? undefined : end);
    return { name: match.groups?.name ?? match.groups?.constant ?? "", index: match.index, body };
  });
}

/** context.ts logs refusals and is imported by every verb, so it does not count. */
function reachesLog(project: Project, file: string, depth: number): boolean {
  const entry = project.get(file);
  if (entry === undefined || file === "lib/services/context.ts" || file === "lib/db/activity.ts") return false;
  if (/\brecordActivity\(/.test(entry.text)) return true;
  return depth > 0 && [...entry.imports].some((path) => reachesLog(project, path, depth - 1));
}
