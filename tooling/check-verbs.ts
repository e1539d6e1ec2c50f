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
const READING_WORDS = ["read", "list", "preview", "export", "find", "check", "count", "search"];

/** Writing verbs without an entry in the log, each with the reason. */
const WITHOUT_ENTRY: Record<string, string> = {};

/** A chain of imports from a verb to the log is no longer than this. */
const MAX_DEPTH = 4;

const VERB = /^export (?:async )?(?:function (?<name>\w+)\(|const (?<constant>\w+) = (?:async )?\()\s*_?context: ServiceContext\b/gm;

/** Refuses a verb of lib/services that does not authorise, and a writing verb whose change never reaches the activity log. */
export async function checkVerbs(root: string): Promise<Violation[]> {
  const texts = new Map<string, string>();
  for (const file of await listProjectFiles(root)) {
    if (/^lib\/(services|db)\//.test(file) && isTypeScript(file)) texts.set(file, await readFile(join(root, file), "utf8"));
  }
  const aliases = await readAliases(root);
  const violations: Violation[] = [];
  for (const [file, text] of texts) {
    if (!/^lib\/services\/[^/]+\/[^/]+\.ts$/.test(file)) continue;
    for (const verb of verbsOf(text)) {
      const line = lineOf(text, verb.index);
      if (!/\bauthorise\(/.test(verb.body) && !(verb.name in WITHOUT_PERMISSION)) {
        violations.push({ file, line, rule: "verb-authorises", message: `${verb.name} never calls authorise().` });
      }
      if (isWriting(verb.name) && !reachesLog(file, texts, aliases, MAX_DEPTH)) {
        violations.push({ file, line, rule: "verb-logs", message: `${verb.name} changes something, but recordActivity() is never called.` });
      }
    }
  }
  return violations;
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
function reachesLog(file: string, texts: Map<string, string>, aliases: Map<string, string>, depth: number): boolean {
  const text = texts.get(file);
  if (text === undefined || file === "lib/services/context.ts" || file === "lib/db/activity.ts") return false;
  if (/\brecordActivity\(/.test(text)) return true;
  if (depth === 0) return false;
  return importsOf(text).some(({ specifier, typeOnly }) => {
    if (typeOnly) return false;
    const target = resolveImport(file, specifier, aliases);
    return target.kind === "file" && reachesLog(target.path, texts, aliases, depth - 1);
  });
}
