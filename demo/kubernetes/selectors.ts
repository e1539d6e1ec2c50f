import { isJsonObject, type KubernetesObject } from "#demo/kubernetes/object.ts";
import { badRequest } from "#demo/kubernetes/status.ts";
import type { Kind } from "#demo/kubernetes/kinds.ts";

export type Matcher = (object: KubernetesObject) => boolean;

type Requirement = (labels: Record<string, string>) => boolean;

const WORD = /^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?/;
/** More requirements in one selector than anybody writes. */
const MOST_REQUIREMENTS = 100;

/** Equality and set based: `team=crm,env in (prod, test),!old,kept`. @throws StatusError 400 in the API server's words. */
export function parseLabelSelector(text: string): Matcher {
  const requirements: Requirement[] = [];
  const scanner = scannerOf(text);
  while (!scanner.atEnd()) {
    if (requirements.length >= MOST_REQUIREMENTS)
      throw badRequest("unable to parse requirement: too many requirements");
    requirements.push(requirementOf(scanner));
    if (scanner.atEnd()) break;
    if (!scanner.take(",")) throw badRequest(`found '${scanner.peek()}', expected: ',' or 'end of string'`);
    if (scanner.atEnd()) throw badRequest("found '', expected: identifier after ','");
  }
  return ({ metadata: { labels = {} } }) => requirements.every((requirement) => requirement(labels));
}

type Scanner = {
  atEnd(): boolean;
  /** What comes next, for messages. */
  peek(): string;
  take(token: string): boolean;
  word(): string | null;
};

function scannerOf(text: string): Scanner {
  let rest = text.trimStart();
  const advance = (length: number) => void (rest = rest.slice(length).trimStart());
  return {
    atEnd: () => rest === "",
    peek: () => WORD.exec(rest)?.[0] ?? rest.slice(0, 1),
    take: (token) => {
      if (!rest.startsWith(token)) return false;
      advance(token.length);
      return true;
    },
    word: () => {
      const found = WORD.exec(rest)?.[0] ?? null;
      if (found !== null) advance(found.length);
      return found;
    },
  };
}

function requirementOf(scanner: Scanner): Requirement {
  const isAbsence = scanner.take("!");
  const key = scanner.word();
  if (key === null) throw badRequest(`unable to parse requirement: found '${scanner.peek()}', expected: identifier`);
  if (isAbsence) return (labels) => !Object.hasOwn(labels, key);
  if (scanner.take("==") || scanner.take("=")) {
    const value = scanner.word() ?? "";
    return (labels) => labels[key] === value;
  }
  if (scanner.take("!=")) {
    const value = scanner.word() ?? "";
    return (labels) => labels[key] !== value;
  }
  if (scanner.take("notin")) {
    const values = valuesOf(scanner);
    return (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key] ?? "");
  }
  if (scanner.take("in")) {
    const values = valuesOf(scanner);
    return (labels) => Object.hasOwn(labels, key) && values.has(labels[key] ?? "");
  }
  return (labels) => Object.hasOwn(labels, key);
}

function valuesOf(scanner: Scanner): Set<string> {
  if (!scanner.take("(")) throw badRequest(`unable to parse requirement: found '${scanner.peek()}' expected: '('`);
  const values = new Set<string>();
  for (let count = 0; count < MOST_REQUIREMENTS; count += 1) {
    values.add(scanner.word() ?? "");
    if (scanner.take(")")) return values;
    if (!scanner.take(","))
      throw badRequest(`unable to parse requirement: found '${scanner.peek()}', expected: ',', or ')'`);
  }
  throw badRequest("unable to parse requirement: too many values");
}

/** `metadata.name=x,status.phase!=Running`, with the fields that the kind knows. */
export function parseFieldSelector(text: string, kind: Kind): Matcher {
  const terms = text
    .split(",")
    .filter((term) => term.trim() !== "")
    .map((term) => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term.trim());
      if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
      const [, field = "", operator, value = ""] = match;
      const known = ["metadata.name", ...(kind.namespaced ? ["metadata.namespace"] : []), ...kind.fields];
      if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
      return { field, isEqual: operator !== "!=", value };
    });
  return (object) => terms.every(({ field, isEqual, value }) => (fieldText(object, field) === value) === isEqual);
}

/** What must hold of a name or namespace, for selectors that pick exactly one. */
function fieldText(object: KubernetesObject, field: string): string {
  let current: unknown = object;
  for (const key of field.split(".")) current = isJsonObject(current) ? current[key] : undefined;
  return typeof current === "string"
    ? current
    : typeof current === "number" || typeof current === "boolean"
      ? String(current)
      : field === "spec.unschedulable"
        ? "false"
        : "";
}
