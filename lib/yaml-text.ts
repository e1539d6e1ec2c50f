import { isCollection, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from "yaml";

/** A YAML text as plain values, with the way back from a value to its line. */
export type YamlText = {
  content: unknown;
  /** The comment at the top, without its number signs; empty where there is none. */
  heading: string;
  /** What keeps the text from being YAML, with its line; null where it is. */
  broken: { message: string; line: number } | null;
  /** The line, from 1, of the value at a path of keys and indices, or of the nearest one above it that is there. */
  lineOf: (path: readonly PropertyKey[]) => number;
};

/**
 * Reads a YAML text. Never throws for a broken text: `broken` says what is wrong and where, and `content` is then null. Tags that YAML
 * does not know, such as CloudFormation's `!Ref`, are left out and their values kept.
 */
export function readYamlText(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const broken = document.errors[0];
  const lineAt = (offset: number) => lines.linePos(offset).line;
  return {
    content: broken ? null : document.toJS(),
    heading: headingOf(text),
    broken: broken ? { message: broken.message, line: lineAt(broken.pos[0]) } : null,
    lineOf: (path) => lineOf(document, lineAt, path),
  };
}

// The parser gives a comment to the document, to its content or to the first key, as the empty lines around it suggest.
function headingOf(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.replace(/^#+/, "").trim())
    .join("\n")
    .trim();
}

function lineOf(document: Document.Parsed, lineAt: (offset: number) => number, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (!isCollection(parent)) continue;
    const last = String(path[length - 1]);
    for (const [index, item] of parent.items.entries()) {
      const key: unknown = isPair(item) ? item.key : item;
      const isMeant = isScalar(key) && key !== item ? String(key.value) === last : String(index) === last;
      if (isMeant && isNode(key) && key.range) return lineAt(key.range[0]);
    }
  }
  return 1;
}
