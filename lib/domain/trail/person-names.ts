/** What a person is called, and how texts lose it. */
export type PersonNames = {
  isIn(text: string): boolean;
  /** The text with the pseudonym wherever one of the names stands. */
  replace(text: string, pseudonym: string): string;
};

/**
 * Names as texts have them: in any case, as they are, percent-encoded in an address, or escaped in JSON. A name counts only where it stands by
 * itself: "ada@example.com" is not in "granada@example.com", nor in "ada@example.com.au".
 */
export function personNames(names: readonly string[]): PersonNames {
  const written = new Set(names.flatMap((name) => [name, encodeURIComponent(name), jsonEscaped(name)]));
  // The longest first, so that a name that begins another one leaves nothing of it.
  const ordered = [...written].toSorted((a, b) => b.length - a.length);
  const any = ordered.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)).join("|");
  const pattern = new RegExp(
    String.raw`(?:(?<![\p{L}\p{N}._+-])|(?<=%[0-9a-f]{2})|(?<=\\[nrt]))(?:${any})(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`,
    "giu",
  );
  const lowerCase = ordered.map((name) => name.toLowerCase());
  return {
    isIn: (text) => {
      // Most texts have no part of it, which is found out much faster without the pattern.
      const lower = text.toLowerCase();
      return lowerCase.some((name) => lower.includes(name)) && text.search(pattern) !== -1;
    },
    replace: (text, pseudonym) => text.replace(pattern, pseudonym),
  };
}

function jsonEscaped(name: string): string {
  return name.replaceAll(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
