import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob, globToLike } from "#lib/domain/glob.ts";

const textArbitrary = fc.string({ unit: fc.constantFrom("a", "b", "A", "%", "_", "\\", "."), maxLength: 12 });
const patternArbitrary = fc.string({ unit: fc.constantFrom("a", "b", "B", "%", "_", "\\", ".", "*"), maxLength: 10 });

/** The textbook definition, slow and plain. */
function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*"))
    return matchesSlowly(pattern.slice(1), text) || (text !== "" && matchesSlowly(pattern, text.slice(1)));
  return text !== "" && pattern[0] === text[0] && matchesSlowly(pattern.slice(1), text.slice(1));
}

/** LIKE as SQL defines it, with a backslash as its escape. */
function likeToPattern(like: string): RegExp {
  const source = [...like.matchAll(/\\(.)|(%)|(_)|([^\\%_])/gs)].map(([, escaped, many, one, plain]) => {
    if (many) return ".*";
    if (one) return ".";
    return (escaped ?? plain ?? "").replaceAll(/[.*\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source.join("")}$`, "is");
}

describe("compileGlob", () => {
  test.each([
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["i-*", "I-0abc", true],
    ["*prod*", "claims-PROD-eu", true],
    ["a*a", "a", false],
    ["a*b*a", "aba", true],
    ["arn:aws:s3:::*-logs", "arn:aws:s3:::claims-logs", true],
    ["arn:aws:s3:::*-logs", "arn:aws:s3:::claims-logs-old", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
  ])("%s against %s is %s", (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  test("agrees with the textbook definition", () => {
    fc.assert(
      fc.property(patternArbitrary, textArbitrary, (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(matchesSlowly(pattern.toLowerCase(), text.toLowerCase()));
      }),
      { numRuns: 1000 },
    );
  });

  test("a pattern made to be slow is not", () => {
    const matches = compileGlob(`${"*a".repeat(1000)}*b`);
    const started = performance.now();
    for (let run = 0; run < 100; run += 1) expect(matches("a".repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("globToLike", () => {
  test("escapes what LIKE would read as a wildcard", () => {
    expect(globToLike("100%_a\\*b**c")).toBe("100\\%\\_a\\\\%b%c");
  });

  test("matches what the glob matches", () => {
    fc.assert(
      fc.property(patternArbitrary, textArbitrary, (pattern, text) => {
        expect(likeToPattern(globToLike(pattern)).test(text)).toBe(compileGlob(pattern)(text));
      }),
      { numRuns: 1000 },
    );
  });
});
