import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { termHash, termKey, termsOfValue, wordsOf } from "#lib/domain/trail/event-terms.ts";

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();

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

  test("a term has another key every day, which fits into 32 bits", () => {
    const hash = termHash(sha256, "action=delete namespaces");
    const keys = Array.from({ length: 1_000 }, (_, day) => termKey(hash, 20_000 + day));
    expect(new Set(keys).size).toBe(1_000);
    expect(keys.every((key) => Number.isInteger(key) && key === (key | 0))).toBe(true);
  });
});
