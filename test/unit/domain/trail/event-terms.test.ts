import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { termHash, termKey, termsOf, wordsOf } from "#lib/domain/trail/event-terms.ts";

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

  test("a field that the event does not have gives no term, and no field's term is a word", () => {
    const { fields, words } = termsOf({
      actor: "ada",
      action: "delete namespaces",
      verbClass: "write",
      outcome: "success",
      resource: "namespaces/claims",
      accountId: null,
      clusterKey: "one",
      namespace: "claims",
      sourceKey: "audit",
      person: null,
      mfa: "no",
    });
    expect(fields).toContain("action=delete namespaces");
    expect(fields).toContain("mfa=no");
    expect(fields.filter((term) => /^(account|person)=/.test(term))).toEqual([]);
    expect(words).toEqual(["delete", "namespaces", "claims", "ada"]);
    expect(words.filter((word) => fields.includes(word))).toEqual([]);
  });

  test("a term has another key every day, which fits into 32 bits", () => {
    const hash = termHash(sha256, "action=delete namespaces");
    const keys = Array.from({ length: 1_000 }, (_, day) => termKey(hash, 20_000 + day));
    expect(new Set(keys).size).toBe(1_000);
    expect(keys.every((key) => Number.isInteger(key) && key === (key | 0))).toBe(true);
  });
});
