/** The part of PromQL that the demo's Prometheus understands. */
export type Expression =
  | { kind: "selector"; name: string; matchers: Matcher[]; rangeSeconds: number | null; offsetSeconds: number }
  | { kind: "call"; function: RangeFunction; argument: Expression }
  | { kind: "aggregation"; operator: Operator; grouping: "by" | "without"; labels: string[]; argument: Expression };

export type Matcher = { label: string; isMatch: (value: string) => boolean };
export type Operator = (typeof OPERATORS)[number];
export type RangeFunction = (typeof FUNCTIONS)[number];

const OPERATORS = ["sum", "avg", "max", "min", "count"] as const;
const FUNCTIONS = [
  "rate",
  "increase",
  "avg_over_time",
  "max_over_time",
  "min_over_time",
  "sum_over_time",
  "count_over_time",
  "last_over_time",
] as const;
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const DURATION = /^(?:\d+(?:ms|[smhdwy]))+/;
const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 };
const MOST_NESTING = 20;
const MOST_LABELS = 100;

/** What Prometheus says about a query that it cannot read. */
export class PromqlError extends Error {}

/** @throws PromqlError "1:9: parse error: unclosed left parenthesis" */
export function parsePromql(text: string): Expression {
  const scanner = scannerOf(text);
  if (scanner.atEnd()) throw scanner.error("no expression found in input");
  const expression = expressionIn(scanner, 0);
  if (!scanner.atEnd()) throw scanner.error(`unexpected ${JSON.stringify(scanner.rest().slice(0, 1))}`);
  return expression;
}

type Scanner = ReturnType<typeof scannerOf>;

function scannerOf(text: string) {
  let position = 0;
  const rest = () => text.slice(position);
  const skip = () => void (position += /^\s*/.exec(rest())?.[0].length ?? 0);
  const error = (why: string) => new PromqlError(`1:${position + 1}: parse error: ${why}`);
  const take = (token: string): boolean => {
    if (!rest().startsWith(token)) return false;
    position += token.length;
    skip();
    return true;
  };
  const match = (pattern: RegExp): string | null => {
    const found = pattern.exec(rest())?.[0] ?? null;
    if (found === null) return null;
    position += found.length;
    skip();
    return found;
  };
  const need = (token: string) => {
    if (take(token)) return;
    if (rest() === "" && token === ")") throw error("unclosed left parenthesis");
    throw error(
      `unexpected ${rest() === "" ? "end of input" : JSON.stringify(rest().slice(0, 1))}, expected ${JSON.stringify(token)}`,
    );
  };
  skip();
  return { rest, error, take, match, need, atEnd: () => rest() === "" };
}

function expressionIn(scanner: Scanner, depth: number): Expression {
  if (depth > MOST_NESTING) throw scanner.error("the expression is nested too deeply");
  if (scanner.take("(")) {
    const inner = expressionIn(scanner, depth + 1);
    scanner.need(")");
    return inner;
  }
  const name = scanner.match(NAME);
  if (name === null && !scanner.rest().startsWith("{"))
    throw scanner.error(
      scanner.atEnd() ? "unexpected end of input" : `unexpected ${JSON.stringify(scanner.rest().slice(0, 1))}`,
    );
  const operator = OPERATORS.find((known) => known === name);
  if (operator) return aggregationIn(scanner, operator, depth);
  if (name !== null && scanner.rest().startsWith("(")) {
    const known = FUNCTIONS.find((one) => one === name);
    if (!known) throw scanner.error(`unknown function with name ${JSON.stringify(name)}`);
    scanner.need("(");
    const argument = expressionIn(scanner, depth + 1);
    scanner.need(")");
    if (argument.kind !== "selector" || argument.rangeSeconds === null)
      throw scanner.error(`expected type range vector in call to function ${JSON.stringify(name)}, got instant vector`);
    return { kind: "call", function: known, argument };
  }
  return selectorIn(scanner, name ?? "");
}

function aggregationIn(scanner: Scanner, operator: Operator, depth: number): Expression {
  const before = groupingIn(scanner);
  scanner.need("(");
  const argument = expressionIn(scanner, depth + 1);
  scanner.need(")");
  const { grouping, labels } = before ?? groupingIn(scanner) ?? { grouping: "by" as const, labels: [] };
  if (isRange(argument))
    throw scanner.error("expected type instant vector in aggregation expression, got range vector");
  return { kind: "aggregation", operator, grouping, labels, argument };
}

function groupingIn(scanner: Scanner): { grouping: "by" | "without"; labels: string[] } | null {
  const word = scanner.match(/^(?:by|without)\b/);
  if (word === null) return null;
  scanner.need("(");
  const labels: string[] = [];
  if (scanner.take(")")) return { grouping: word === "by" ? "by" : "without", labels };
  while (labels.length < MOST_LABELS) {
    if (scanner.atEnd()) throw scanner.error("unclosed left parenthesis");
    const label = scanner.match(NAME);
    if (label === null)
      throw scanner.error(`unexpected ${JSON.stringify(scanner.rest().slice(0, 1))} in grouping opts`);
    labels.push(label);
    if (scanner.take(")")) return { grouping: word === "by" ? "by" : "without", labels };
    if (!scanner.take(",")) scanner.need(")");
  }
  throw scanner.error("too many labels in grouping opts");
}

function selectorIn(scanner: Scanner, name: string): Expression {
  const matchers = scanner.take("{") ? matchersIn(scanner) : [];
  if (name === "" && matchers.length === 0)
    throw scanner.error("vector selector must contain at least one non-empty matcher");
  let rangeSeconds: number | null = null;
  if (scanner.take("[")) {
    rangeSeconds = durationIn(scanner);
    if (scanner.rest().startsWith(":")) throw scanner.error("subqueries are not supported here");
    scanner.need("]");
  }
  const offsetSeconds = scanner.match(/^offset\b/) === null ? 0 : durationIn(scanner);
  return { kind: "selector", name, matchers, rangeSeconds, offsetSeconds };
}

function matchersIn(scanner: Scanner): Matcher[] {
  const matchers: Matcher[] = [];
  if (scanner.take("}")) return matchers;
  while (matchers.length < MOST_LABELS) {
    const label = scanner.match(NAME);
    if (label === null) throw scanner.error("unexpected character inside braces");
    const operator = scanner.match(/^(?:=~|!~|!=|=)/);
    const quoted = scanner.match(/^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/);
    if (operator === null || quoted === null) throw scanner.error("unexpected character inside braces");
    matchers.push(matcherOf(scanner, label, operator, quoted.slice(1, -1).replaceAll(/\\(.)/g, "$1")));
    if (scanner.take("}")) return matchers;
    scanner.need(",");
    if (scanner.take("}")) return matchers;
  }
  throw scanner.error("too many matchers");
}

function matcherOf(scanner: Scanner, label: string, operator: string, value: string): Matcher {
  if (operator === "=") return { label, isMatch: (given) => given === value };
  if (operator === "!=") return { label, isMatch: (given) => given !== value };
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${value})$`, "s");
  } catch {
    throw scanner.error(`error parsing regexp: ${value}`);
  }
  return { label, isMatch: (given) => pattern.test(given) === (operator === "=~") };
}

function durationIn(scanner: Scanner): number {
  const text = scanner.match(DURATION);
  if (text === null) throw scanner.error("bad number or duration syntax");
  return secondsOf(text) ?? 0;
}

/** "1h30m" in seconds, null where it is no duration. */
export function secondsOf(text: string): number | null {
  if (DURATION.exec(text)?.[0] !== text) return null;
  let sum = 0;
  for (const [, number, unit = "s"] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) sum += Number(number) * (UNITS[unit] ?? 1);
  return sum;
}

export function isRange(expression: Expression): boolean {
  return expression.kind === "selector" && expression.rangeSeconds !== null;
}
