import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { patternsOf, termsOfValue, wordsOf } from "#lib/domain/trail/event-terms.ts";

describe("the terms of an event", () => {
  test("words end where a name's parts do, in lower case, each once", () => {
    expect(wordsOf("arn:aws:s3:::Claims-prod/claims_2026 ÜBER")).toEqual([
      "arn",
      "aws",
      "s3",
      "claims",
      "prod",
      "claims_2026",
      "über",
    ]);
    expect(wordsOf(" :/ ")).toEqual([]);
  });

  test("a value is found by itself, and by its words where people read them; no field's term is a word", () => {
    expect(termsOfValue("resource", "namespaces/claims")).toEqual({
      field: "resource=namespaces/claims",
      words: ["namespaces", "claims"],
    });
    expect(termsOfValue("mfa", "no")).toEqual({ field: "mfa=no", words: [] });
    expect(wordsOf("class=write")).not.toContain("class=write");
  });

  test("names that have several words are found whole", () => {
    const { words } = termsOfValue("resource", "arn:aws:s3:::Claims-prod/a_1 s3.amazonaws.com, -x- claims-prod");
    expect(words.filter((word) => /[-.]/.test(word))).toEqual(["claims-prod", "s3.amazonaws.com"]);
    expect(termsOfValue("namespace", "claims-prod").words).toEqual(["claims", "prod", "claims-prod"]);
  });

  test("names are what an expression of words between dots and hyphens finds", () => {
    const name = /[a-z0-9_\u0080-\uffff]+(?:[.-]+[a-z0-9_\u0080-\uffff]+)+/g;
    const text = fc.string({ unit: fc.constantFrom("a", "B", "9", "_", "ü", ".", "-", "/", " ", ":"), maxLength: 30 });
    fc.assert(
      fc.property(text, (value) => {
        const { words } = termsOfValue("resource", value);
        const names = words.filter((word) => /[-.]/.test(word));
        expect(names).toEqual([...new Set(value.toLowerCase().match(name))]);
      }),
    );
  });

  test("a text may go on where it ends, and nowhere inside", () => {
    expect(patternsOf("Delete")).toEqual([{ pattern: "%delete%", instead: [] }]);
    expect(patternsOf("claims-prod")).toEqual([{ pattern: "%claims-prod%", instead: ["%claims", "prod%"] }]);
    expect(patternsOf("s3:::claims-prod/a_1")).toEqual([
      { pattern: "claims-prod", instead: ["claims", "prod"] },
      { pattern: "%s3", instead: [] },
      { pattern: String.raw`a\_1%`, instead: [] },
    ]);
    // A name may go on beyond the sign that joins its words; a word ends there.
    expect(patternsOf("-prod-1-")).toEqual([{ pattern: "%prod-1%", instead: ["prod", "1"] }]);
    expect(patternsOf("ΛΟΓΟΣ")).toEqual([{ pattern: "%λογο_%", instead: [] }]);
    expect(patternsOf("erson-12@ / x")).toEqual([
      { pattern: "%erson-12", instead: ["%erson", "12"] },
      { pattern: "%x%", instead: [] },
    ]);
  });
});
