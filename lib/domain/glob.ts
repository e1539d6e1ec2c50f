/**
 * Compiles a pattern in which `*` stands for any characters, none included, and everything else for itself without
 * regard to case. The whole text must match.
 *
 * Taking each piece at its first place is enough when `*` is the only wildcard, so that nothing is ever tried twice
 * and a hostile pattern cannot be slow.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const pieces = pattern.toLowerCase().split("*");
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return (text) => text.toLowerCase() === first;

  const middle = pieces.slice(1, -1).filter((piece) => piece !== "");
  return (text) => {
    const folded = text.toLowerCase();
    const end = folded.length - last.length;
    let from = first.length;
    if (from > end || !folded.startsWith(first) || !folded.endsWith(last)) return false;
    for (const piece of middle) {
      const found = folded.indexOf(piece, from);
      if (found === -1) return false;
      from = found + piece.length;
    }
    return from <= end;
  };
}

/** True where the pattern holds a wildcard; otherwise it is a plain value. */
export function isGlob(pattern: string): boolean {
  return pattern.includes("*");
}

/** The escape character of globToLike's patterns: `value ILIKE ? ESCAPE '\'`. */
export const LIKE_ESCAPE = "\\";

/** The same pattern for SQL: matches under ILIKE with LIKE_ESCAPE what compileGlob matches. */
export function globToLike(pattern: string): string {
  return pattern.replaceAll(/[\\%_]/g, (character) => LIKE_ESCAPE + character).replaceAll(/\*+/g, "%");
}
