import { describe, expect, test } from "vitest";
import { termsOfValue, wordsOf } from "#lib/domain/trail/event-terms.ts";

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
});
